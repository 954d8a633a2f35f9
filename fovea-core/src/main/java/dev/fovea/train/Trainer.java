package dev.fovea.train;

import dev.fovea.data.Batches;
import dev.fovea.eval.Evaluator;
import dev.fovea.optim.DivergedException;
import dev.fovea.optim.Ema;
import dev.fovea.optim.Optimizer;
import dev.fovea.optim.StepInfo;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.train.StepClock.Phase;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CountDownLatch;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The training loop. A run that was stopped or killed, and is started again in its folder, goes on from its newest
 * checkpoint and comes out as if it had not been: parameters, optimizer, moving average and metrics are the same bit for
 * bit on the same machine.
 *
 * <pre>{@code
 * try (Params params = Params.fresh(config.seed()).trainable()) {
 *     Vit vit = Vit.of(params, model);
 *     long steps = config.totalSteps(examples);
 *     try (Optimizer optimizer = Optimizer.of(optim, params.table(), steps)) {
 *         var trainer = new Trainer(config, steps, params.table(), optimizer, folder);
 *         Outcome outcome = trainer.run(objective, batches, evaluators, Progress.standardError());
 *     }
 * }
 * }</pre>
 */
public final class Trainer {

    private final TrainConfig config;
    private final long totalSteps;
    private final SequencedMap<String, Tensor> params;
    private final Optimizer optimizer;
    private final Path folder;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopAsked;

    /**
     * @param totalSteps updates in all, those before a resumed checkpoint included
     * @param params what {@code optimizer} updates and what is saved, frozen parameters included
     * @param folder of the run; see {@link RunFolder}
     */
    public Trainer(
            TrainConfig config,
            long totalSteps,
            SequencedMap<String, Tensor> params,
            Optimizer optimizer,
            Path folder) {
        if (totalSteps < 1) {
            throw new IllegalArgumentException("totalSteps: found %d, wanted at least 1".formatted(totalSteps));
        }
        this.config = config;
        this.totalSteps = totalSteps;
        this.params = params;
        this.optimizer = optimizer;
        this.folder = folder;
    }

    /**
     * Trains to the last step, or until {@link #stop()}; in both cases a checkpoint of the end is saved.
     *
     * @param batches the micro-batches: {@code accumulate} of them a step, of {@link TrainConfig#microBatchSize()}
     *     examples each
     * @param evaluators by name; they see the moving average of the parameters where the configuration has one
     */
    public <B> Outcome run(
            Objective<B> objective, Batches<B> batches, SequencedMap<String, Evaluator> evaluators, Progress progress) {
        try (var ema = config.ema() == null ? null : Ema.of(config.ema(), params)) {
            var saver = new RunSaver(config, params, optimizer, ema, folder);
            var state = saver.resume();
            try (var log = new RunLog(folder, state.isNew() ? -1 : state.step(), progress)) {
                return new Run<>(objective, batches, evaluators, ema, saver, state, log, progress).toEnd();
            }
        } finally {
            ended.countDown();
        }
    }

    /** Asks {@link #run} to save and return after the step it is at. Safe from any thread and from a signal handler. */
    public void stop() {
        stopAsked = true;
    }

    /** Waits until {@link #run} has returned, for a shutdown hook that lets it save. */
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** What one call of {@link #run} works with. */
    private final class Run<B> {
        private final Objective<B> objective;
        private final Batches<B> batches;
        private final SequencedMap<String, Evaluator> evaluators;
        private final @Nullable Ema ema;
        private final RunSaver saver;
        private final RunState state;
        private final RunLog log;
        private final Progress progress;
        private final StepClock clock = new StepClock();

        Run(
                Objective<B> objective,
                Batches<B> batches,
                SequencedMap<String, Evaluator> evaluators,
                @Nullable Ema ema,
                RunSaver saver,
                RunState state,
                RunLog log,
                Progress progress) {
            this.objective = objective;
            this.batches = batches;
            this.evaluators = evaluators;
            this.ema = ema;
            this.saver = saver;
            this.state = state;
            this.log = log;
            this.progress = progress;
        }

        Outcome toEnd() {
            if (!state.isNew()) {
                progress.note("resumed at step %d of %d".formatted(state.step(), totalSteps));
            }
            long saved = state.step();
            while (state.step() < totalSteps && !stopAsked) {
                step(state.step());
                long done = state.nextStep();
                boolean last = done == totalSteps;
                clock.stepDone();
                progress.at(done, totalSteps, rate(), clock.secondsFor(totalSteps - done));
                if (last || done % config.logEvery() == 0) {
                    log.measured(new Measurement(
                            done, Measurement.TRAIN, state.window().take()));
                }
                if (last || due(done, config.evalEvery())) {
                    evaluate(done);
                }
                if (last || due(done, config.saveEvery())) {
                    save();
                    saved = done;
                }
                if (last || done % config.logEvery() == 0) {
                    log.timed(done, clock.timings(config.batchSize()));
                    clock.restart();
                }
            }
            if (saved < state.step()) {
                save();
            }
            boolean stopped = state.step() < totalSteps;
            if (!stopped) {
                saver.writeModel(RunFolder.model(folder), state.step(), Map.of());
            }
            return new Outcome(state.step(), stopped, log.latest(), state.best());
        }

        private void step(long step) {
            try (var _ = new Scope()) {
                for (int micro = 0; micro < config.accumulate(); micro++) {
                    B batch = batches.at(step * config.accumulate() + micro);
                    clock.lap(Phase.DATA_WAIT);
                    forwardBackward(batch, step, micro);
                    clock.lap(Phase.FORWARD_BACKWARD);
                }
                StepInfo info = optimizer.step(step);
                if (ema != null) {
                    ema.update();
                }
                clock.lap(Phase.OPTIMIZER);
                state.window().add("rate", info.rate());
                state.window().add("gradNorm", info.gradNorm());
                state.window().stepDone();
            }
        }

        /** In a scope of its own, so that memory is that of one micro-batch. */
        private void forwardBackward(B batch, long step, int micro) {
            Engine.seed(Seeds.of(config.seed(), step, micro));
            try (var _ = new Scope()) {
                Loss loss;
                try (var _ = config.precision().open()) {
                    loss = objective.loss(batch, true);
                }
                double share = 1.0 / config.accumulate();
                state.window().add("loss", share * finite(loss, step));
                loss.terms().forEach((name, term) -> state.window().add(name, share * term.item_double()));
                Tensor value =
                        config.accumulate() == 1 ? loss.value() : loss.value().mul(new Scalar(share));
                value.backward();
            }
        }

        private void evaluate(long done) {
            try (var _ = new NoGradGuard();
                    var _ = ema == null ? null : ema.swapped()) {
                evaluators.forEach((name, evaluator) -> {
                    Engine.seed(Seeds.of(config.seed(), done, -1));
                    try (var _ = new Scope()) {
                        log.measured(new Measurement(done, name, evaluator.evaluate()));
                    }
                });
            }
            keepBest(done);
            clock.lap(Phase.EVALUATION);
        }

        private void keepBest(long done) {
            if (config.best() == null || evaluators.isEmpty()) {
                return;
            }
            String metric = config.best().metric();
            Double value = log.latest().get(metric);
            if (value == null) {
                throw new IllegalArgumentException("train.best.metric: there is no %s; the evaluators gave %s"
                        .formatted(metric, log.latest().keySet()));
            }
            Best before = state.best();
            double gain = before == null ? 1 : config.best().lower() ? before.value() - value : value - before.value();
            if (gain > 0 && !Double.isNaN(value)) {
                state.setBest(new Best(metric, value, done));
                saver.writeModel(RunFolder.best(folder), done, Map.of(metric, Double.toString(value)));
            }
        }

        private void save() {
            log.force();
            saver.save(state);
            clock.lap(Phase.CHECKPOINT);
        }

        private double rate() {
            return clock.stepsPerSecond() * config.batchSize();
        }
    }

    private static boolean due(long done, long every) {
        return every > 0 && done % every == 0;
    }

    private static double finite(Loss loss, long step) {
        double value = loss.value().item_double();
        if (!Double.isFinite(value)) {
            var terms = new LinkedHashMap<String, Double>();
            loss.terms().forEach((name, term) -> terms.put(name, term.item_double()));
            throw new DivergedException(
                    "step %d: the loss is %s%s; the last checkpoint is from before. A lower learning rate, a longer warm-up or clipNorm may help"
                            .formatted(step, value, terms.isEmpty() ? "" : ", its terms are " + terms));
        }
        return value;
    }
}
