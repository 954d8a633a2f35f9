package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.optim.DivergedException;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {

    private static final String[] LONG = {
        "steps=40", "batchSize=16", "accumulate=2", "logEvery=7", "evalEvery=10", "saveEvery=9", "ema={decay: 0.9}"
    };

    @TempDir
    Path folder;

    private record End(List<Integer> bits, String metrics, Path folder) {}

    private End uninterrupted() throws Exception {
        Path whole = folder.resolve("whole");
        try (var run = new SmallRun(whole, 0.3, LONG)) {
            run.run();
            return new End(run.bits(), Files.readString(RunFolder.metrics(whole)), whole);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9, 10, 20, 39})
    void stoppingAndResumingEqualsNotStopping(int stopAt) throws Exception {
        End whole = uninterrupted();
        Path parts = folder.resolve("parts");
        try (var run = new SmallRun(parts, 0.3, LONG)) {
            Outcome outcome = run.run(micro -> {
                if (micro == 2L * stopAt - 1) {
                    run.trainer().stop();
                }
                return SmallRun.points(micro, 8);
            });
            assertThat(outcome.steps()).isEqualTo(stopAt);
            assertThat(outcome.stopped()).isTrue();
        }
        try (var run = new SmallRun(parts, 0.3, LONG)) {
            Outcome outcome = run.run();
            assertThat(outcome.steps()).isEqualTo(40);
            assertThat(run.bits()).isEqualTo(whole.bits());
        }
        assertThat(RunFolder.metrics(parts)).hasContent(whole.metrics());
        assertThat(RunFolder.model(parts)).hasSameBinaryContentAs(RunFolder.model(whole.folder()));
    }

    /** A crash loses the steps since the last checkpoint and leaves their lines in the metrics. */
    @Test
    void aCrashAndResumingEqualsNotStopping() throws Exception {
        End whole = uninterrupted();
        Path parts = folder.resolve("parts");
        for (int crashAt : new int[] {5, 25, 38}) {
            try (var run = new SmallRun(parts, 0.3, LONG)) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> run.run(micro -> {
                            if (micro == 2L * crashAt) {
                                throw new IllegalStateException("crash");
                            }
                            return SmallRun.points(micro, 8);
                        }))
                        .withMessage("crash");
            }
        }
        try (var run = new SmallRun(parts, 0.3, LONG)) {
            run.run();
            assertThat(run.bits()).isEqualTo(whole.bits());
        }
        assertThat(RunFolder.metrics(parts)).hasContent(whole.metrics());
    }

    @Test
    void aFinishedRunIsLeftAsItIs() throws Exception {
        End whole = uninterrupted();
        try (var run = new SmallRun(whole.folder(), 0.3, LONG)) {
            Outcome outcome = run.run(_ -> {
                throw new AssertionError("no batch is needed");
            });
            assertThat(run.bits()).isEqualTo(whole.bits());
            assertThat(outcome.stopped()).isFalse();
            assertThat(outcome.metrics()).containsKeys("train/loss", "val/crossEntropy");
        }
        assertThat(RunFolder.metrics(whole.folder())).hasContent(whole.metrics());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 16})
    void accumulatedMicroBatchesEqualTheWholeBatch(int parts) {
        try (var whole = new SmallRun(folder.resolve("a"), 0, "steps=10", "batchSize=16", "precision=fp32");
                var split = new SmallRun(
                        folder.resolve("b"), 0, "steps=10", "batchSize=16", "precision=fp32", "accumulate=" + parts)) {
            var expected = whole.run().metrics();
            var found = split.run().metrics();
            // Adam does not see the gradients' scale, so their length is compared as well.
            for (String metric : List.of("train/loss", "train/gradNorm", "val/crossEntropy")) {
                double value = expected.getOrDefault(metric, Double.NaN);
                assertThat(found.get(metric)).as(metric).isCloseTo(value, within(1e-5));
            }
            split.values().forEach((name, x) -> assertThat(x)
                    .usingComparatorWithPrecision(1e-4f)
                    .as(name)
                    .containsExactly(whole.values().get(name)));
        }
    }

    @Test
    void oneBatchIsLearnedByHeart() {
        try (var run = new SmallRun(folder, 0, "steps=300", "batchSize=16", "logEvery=1")) {
            Outcome outcome = run.run(_ -> SmallRun.points(0, 16));
            assertThat(outcome.metrics().get("train/loss")).isLessThan(0.05);
        }
    }

    @Test
    void trainingLinesAreMeansOverTheirSteps() throws Exception {
        try (var every = new SmallRun(folder.resolve("a"), 0.3, "steps=6", "batchSize=8", "logEvery=1");
                var third = new SmallRun(folder.resolve("b"), 0.3, "steps=6", "batchSize=8", "logEvery=4")) {
            every.run();
            third.run();
        }
        double[] losses = RunFolder.readMetrics(folder.resolve("a")).stream()
                .filter(m -> m.set().equals("train"))
                .mapToDouble(m -> m.values().getOrDefault("loss", Double.NaN))
                .toArray();
        var lines = RunFolder.readMetrics(folder.resolve("b")).stream()
                .filter(m -> m.set().equals("train"))
                .toList();
        assertThat(lines).extracting(Measurement::step).containsExactly(4L, 6L);
        assertThat(lines.get(0).values().get("loss"))
                .isCloseTo((losses[0] + losses[1] + losses[2] + losses[3]) / 4, within(1e-12));
        assertThat(lines.get(1).values().get("loss")).isCloseTo((losses[4] + losses[5]) / 2, within(1e-12));
        assertThat(lines.get(1).values()).containsKeys("loss", "logitSquare", "rate", "gradNorm");
    }

    @Test
    void theLastCheckpointsAreKept() throws Exception {
        try (var run = new SmallRun(folder, 0, "steps=20", "batchSize=8", "saveEvery=3", "keep=2")) {
            run.run();
        }
        try (var files = Files.list(RunFolder.checkpoints(folder))) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void theBestParametersAreKept() throws Exception {
        try (var run = new SmallRun(
                folder, 0, "steps=30", "batchSize=8", "evalEvery=5", "best={metric: val/crossEntropy, lower: true}")) {
            Best best = Objects.requireNonNull(run.run().best());
            double least = RunFolder.readMetrics(folder).stream()
                    .filter(m -> m.set().equals("val"))
                    .mapToDouble(m -> m.values().getOrDefault("crossEntropy", Double.NaN))
                    .min()
                    .orElseThrow();
            assertThat(best.value()).isEqualTo(least);
            try (var saved = Checkpoints.open(RunFolder.best(folder))) {
                assertThat(saved.metadata())
                        .containsAllEntriesOf(
                                Map.of("step", Long.toString(best.step()), "val/crossEntropy", Double.toString(least)));
            }
        }
    }

    @Test
    void aMetricThatNoEvaluatorGivesIsNamed() {
        try (var run = new SmallRun(folder, 0, "steps=1", "batchSize=8", "best={metric: val/acc}")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(run::run)
                    .withMessageStartingWith("train.best.metric: there is no val/acc; the evaluators gave [");
        }
    }

    @Test
    void aLossThatIsNotFiniteNamesItsStepAndTerms() {
        try (var run = new SmallRun(folder, 0, "steps=9", "batchSize=8")) {
            assertThatExceptionOfType(DivergedException.class)
                    .isThrownBy(() -> run.run(step -> {
                        var points = SmallRun.points(step, 8);
                        if (step == 3) {
                            points.x()[0] = Float.NaN;
                        }
                        return points;
                    }))
                    .withMessageStartingWith("step 3: the loss is NaN, its terms are {logitSquare=NaN};");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"seed=1", "batchSize=32", "accumulate=2"})
    void anotherRunsCheckpointIsRefused(String change) {
        try (var run = new SmallRun(folder, 0, "steps=2", "batchSize=16")) {
            run.run();
        }
        String key = change.substring(0, change.indexOf('='));
        try (var run = new SmallRun(folder, 0, "steps=4", "batchSize=16", change)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(run::run)
                    .withMessageStartingWith(key + ": the run in " + folder + " was begun with ");
        }
    }

    @Test
    void bf16TrainsFloat32Parameters() {
        try (var run = new SmallRun(folder, 0, "steps=200", "batchSize=16", "precision=bf16", "logEvery=1")) {
            Outcome outcome = run.run(_ -> SmallRun.points(0, 16));
            assertThat(outcome.metrics().get("train/loss")).isLessThan(0.1);
        }
        try (var _ = new Scope();
                var saved = Checkpoints.open(RunFolder.model(folder))) {
            saved.tensors()
                    .forEach((name, x) -> assertThat(x.dtype().name()).as(name).isEqualTo("F32"));
        }
    }

    @Test
    void evaluationSeesTheMovingAverageAndTrainingDoesNot() {
        try (var with = new SmallRun(folder.resolve("a"), 0, "steps=9", "batchSize=16", "ema={decay: 0.9}");
                var without = new SmallRun(folder.resolve("b"), 0, "steps=9", "batchSize=16")) {
            var a = with.run().metrics();
            var b = without.run().metrics();
            assertThat(with.bits()).isEqualTo(without.bits());
            assertThat(a.get("val/crossEntropy")).isNotEqualTo(b.get("val/crossEntropy"));
        }
        try (var _ = new Scope();
                var a = Checkpoints.open(RunFolder.model(folder.resolve("a")));
                var b = Checkpoints.open(RunFolder.model(folder.resolve("b")))) {
            assertThat(Tensors.toFloats(Checkpoints.tensor(a.tensor("first.weight"))))
                    .isNotEqualTo(Tensors.toFloats(Checkpoints.tensor(b.tensor("first.weight"))));
        }
    }
}
