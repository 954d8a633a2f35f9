package dev.fovea.train;

import dev.fovea.config.Configs;
import dev.fovea.data.Batches;
import dev.fovea.eval.Evaluator;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import dev.fovea.optim.OptimConfig;
import dev.fovea.optim.Optimizer;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A network of two layers with dropout on points of two classes: small, with everything that a resumed run must get right. */
final class SmallRun implements AutoCloseable {

    private static final int IN = 6;
    private static final int HIDDEN = 16;
    private static final int CLASSES = 3;
    private static final int EXAMPLES = 64;

    record Points(float[] x, int[] labels) {}

    private final int threads;
    private final TrainConfig config;
    private final double dropout;
    private final Params params;
    private final Linear first;
    private final Linear second;
    private final Optimizer optimizer;
    private final Trainer trainer;

    SmallRun(Path folder, double dropout, String... train) {
        config = Configs.of(TrainConfig.class, train);
        threads = Engine.threads();
        Engine.setThreads(1); // these matrices are not worth a second thread
        this.dropout = dropout;
        params = Params.fresh(config.seed()).trainable();
        first = Linear.of(params.at("first"), IN, HIDDEN);
        second = Linear.of(params.at("second"), HIDDEN, CLASSES);
        var optim = Configs.of(
                OptimConfig.class,
                "rule=adam",
                "lr=0.01",
                "wd=1e-4",
                "schedule={decay: cosine, warmup: {percent: 0.1}}");
        long steps = config.totalSteps(EXAMPLES);
        optimizer = Optimizer.of(optim, params.table(), steps);
        trainer = new Trainer(config, steps, params.table(), optimizer, folder);
    }

    static Points points(long step, int size) {
        var x = new float[size * IN];
        var labels = new int[size];
        for (int i = 0; i < size; i++) {
            var random = new Random((step * size + i) % EXAMPLES);
            labels[i] = random.nextInt(CLASSES);
            for (int j = 0; j < IN; j++) {
                x[i * IN + j] = (float) random.nextGaussian() + (j % CLASSES == labels[i] ? 1 : 0);
            }
        }
        return new Points(x, labels);
    }

    Tensor logits(Points p, boolean train) { // [B, C]
        Tensor x = Tensors.of(p.x(), p.labels().length, IN);
        x = torch.dropout(torch.relu(first.forward(x)), dropout, train);
        return second.forward(x);
    }

    Loss loss(Points p, boolean train) {
        Tensor logits = logits(p, train);
        Tensor loss = torch.cross_entropy_loss(logits, Tensors.of(p.labels(), p.labels().length));
        return new Loss(loss, Map.of("logitSquare", logits.square().mean().detach()));
    }

    Evaluator evaluator() {
        return () -> {
            var scores = new LinkedHashMap<String, Double>();
            Points all = points(0, EXAMPLES);
            int[] best = Tensors.toInts(logits(all, false).argmax());
            scores.put("crossEntropy", loss(all, false).value().item_double());
            scores.put("first", (double) best[0]);
            return scores;
        };
    }

    Outcome run() {
        return run(step -> points(step, config.microBatchSize()));
    }

    Outcome run(Batches<Points> batches) {
        var evaluators = new LinkedHashMap<String, Evaluator>();
        evaluators.put("val", evaluator());
        return trainer.run(this::loss, batches, evaluators, Progress.silent());
    }

    Trainer trainer() {
        return trainer;
    }

    TrainConfig config() {
        return config;
    }

    SequencedMap<String, float[]> values() {
        var values = new LinkedHashMap<String, float[]>();
        try (var _ = new Scope()) {
            params.table().forEach((name, x) -> values.put(name, Tensors.toFloats(x)));
        }
        return values;
    }

    /** All parameters and the whole state of the optimizer, as bits. */
    List<Integer> bits() {
        var bits = new ArrayList<Integer>();
        try (var _ = new Scope()) {
            var all = new LinkedHashMap<>(params.table());
            all.putAll(optimizer.state());
            all.forEach((_, x) -> {
                for (float value : Tensors.toFloats(x)) {
                    bits.add(Float.floatToRawIntBits(value));
                }
            });
        }
        return bits;
    }

    @Override
    public void close() {
        optimizer.close();
        params.close();
        Engine.setThreads(threads);
    }
}
