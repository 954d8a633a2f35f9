package dev.fovea.train;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.RunCheckpoint;
import dev.fovea.checkpoint.RunCheckpoints;
import dev.fovea.checkpoint.StoredTensor;
import dev.fovea.checkpoint.Weights;
import dev.fovea.optim.Ema;
import dev.fovea.optim.Optimizer;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a run saves and how it comes back: parameters, optimizer, moving average, and where the run is. */
final class RunSaver {

    private static final String MODEL = "model";
    private static final String OPTIMIZER = "optimizer";
    private static final String EMA = "ema";

    private final TrainConfig config;
    private final SequencedMap<String, Tensor> params;
    private final Optimizer optimizer;
    private final @Nullable Ema ema;
    private final Path folder;
    private final RunCheckpoints checkpoints;

    RunSaver(
            TrainConfig config,
            SequencedMap<String, Tensor> params,
            Optimizer optimizer,
            @Nullable Ema ema,
            Path folder) {
        this.config = config;
        this.params = params;
        this.optimizer = optimizer;
        this.ema = ema;
        this.folder = folder;
        checkpoints = new RunCheckpoints(RunFolder.checkpoints(folder), config.keep());
    }

    /** Puts everything back as the newest checkpoint has it; where there is none, the run is new. */
    RunState resume() {
        RunCheckpoint latest = checkpoints.latest();
        if (latest == null) {
            return RunState.fresh();
        }
        requireSame("seed", config.seed(), latest);
        requireSame("batchSize", config.batchSize(), latest);
        requireSame("accumulate", config.accumulate(), latest);
        try (var _ = new Scope();
                var model = latest.part(MODEL);
                var rule = latest.part(OPTIMIZER)) {
            restoreParams(model);
            optimizer.restore(tensors(rule));
            if (ema != null) {
                try (var averages = latest.part(EMA)) {
                    ema.restore(tensors(averages));
                }
            }
        }
        return RunState.of(latest.step(), latest.state());
    }

    void save(RunState state) {
        var parts = new LinkedHashMap<String, SequencedMap<String, Tensor>>();
        parts.put(MODEL, params);
        parts.put(OPTIMIZER, optimizer.state());
        if (ema != null) {
            parts.put(EMA, ema.state());
        }
        ObjectNode json = state.toJson();
        json.put("seed", config.seed());
        json.put("batchSize", config.batchSize());
        json.put("accumulate", config.accumulate());
        checkpoints.save(state.step(), parts, json);
    }

    /** Writes the parameters to use: the moving average where there is one. */
    void writeModel(Path file, long step, Map<String, String> metadata) {
        var all = new LinkedHashMap<>(metadata);
        all.put("step", Long.toString(step));
        Checkpoints.write(file, ema == null ? params : ema.averages(), all);
    }

    private void restoreParams(Weights saved) {
        params.forEach((name, x) -> {
            StoredTensor stored = saved.tensor(name);
            if (!Arrays.equals(Tensors.shape(x), stored.shape())) {
                throw new IllegalArgumentException("%s: the checkpoint %s has %s, the model expects %s"
                        .formatted(name, saved.path(), Arrays.toString(stored.shape()), Tensors.describe(x)));
            }
        });
        List<String> left = saved.tensors().keySet().stream()
                .filter(name -> !params.containsKey(name))
                .limit(8)
                .toList();
        if (!left.isEmpty()) {
            throw new IllegalArgumentException(
                    "the checkpoint %s has parameters that the model does not know: %s".formatted(saved.path(), left));
        }
        try (var _ = new AutoGradMode(false)) {
            params.forEach((name, x) -> x.copy_(Checkpoints.tensor(saved.tensor(name))));
        }
    }

    private static SequencedMap<String, Tensor> tensors(Weights weights) {
        var tensors = new LinkedHashMap<String, Tensor>();
        weights.tensors().forEach((name, stored) -> tensors.put(name, Checkpoints.tensor(stored)));
        return tensors;
    }

    private void requireSame(String key, long now, RunCheckpoint latest) {
        JsonNode before = latest.state().path(key);
        if (!before.isIntegralNumber() || before.longValue() != now) {
            throw new IllegalArgumentException(
                    "%s: the run in %s was begun with %s, found %d; resume it with the same or begin in another folder"
                            .formatted(key, folder, before, now));
        }
    }
}
