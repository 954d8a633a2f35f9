package dev.fovea.verify;

import static java.util.Objects.requireNonNull;

import dev.fovea.models.gemma.GemmaCheckpoint;
import dev.fovea.models.gemma.GemmaInput;
import dev.fovea.optim.OptimConfig;
import dev.fovea.optim.Optimizer;
import dev.fovea.optim.Rule;
import dev.fovea.optim.ScheduleConfig;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import dev.fovea.train.Losses;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A run of training a Gemma 3 against PyTorch's AdamW. */
final class TrainingChecks {

    private TrainingChecks() {}

    /** Losses and gradient norms of every step, the first gradients, parameters and moments after the last. */
    static void adamW(Case c) {
        JsonNode settings = c.json("optimizer.json");
        int steps = settings.required("steps").asInt();
        var losses = new double[steps];
        var norms = new double[steps];
        try (GemmaCheckpoint checkpoint = GemmaCheckpoint.read(c.folder(), ScalarType.Float)) {
            SequencedMap<String, Tensor> params =
                    checkpoint.params().trainable().table();
            try (Optimizer optimizer = Optimizer.of(config(settings), params, steps)) {
                for (int step = 0; step < steps; step++) {
                    try (var _ = new Scope()) {
                        Tensor logits = checkpoint
                                .model()
                                .forward(GemmaInput.of(c.tensor("input_ids").select(0, step)));
                        Tensor loss =
                                Losses.nextTokenXent(logits, c.tensor("labels").select(0, step));
                        loss.backward();
                        losses[step] = Tensors.toDoubles(loss)[0];
                        if (step == 0) {
                            compare(c, "grad0.", checkpoint, x -> requireNonNull(params.get(x))
                                    .grad());
                        }
                        norms[step] = optimizer.step(step).gradNorm();
                    }
                }
                compare(c, "final.", checkpoint, params::get);
                compare(c, "adam_m.", checkpoint, x -> optimizer.state().get("mu." + x));
                compare(c, "adam_v.", checkpoint, x -> optimizer.state().get("nu." + x));
            }
        }
        c.compare("losses", losses, steps);
        c.compare("grad_norms_before_clip", norms, steps);
    }

    private static OptimConfig config(JsonNode settings) {
        String name = settings.required("optimizer").asString();
        if (!name.equals("AdamW")) {
            throw new IllegalArgumentException("optimizer %s: wanted AdamW".formatted(name));
        }
        OptimConfig standard = OptimConfig.torchAdamW(
                settings.required("lr").asDouble(),
                settings.required("weight_decay").asDouble());
        var rule = new Rule.Adam(
                settings.required("beta1").asDouble(),
                settings.required("beta2").asDouble(),
                settings.required("eps").asDouble(),
                0,
                Rule.Momentum.FULL,
                false);
        JsonNode clip = settings.path("clip_global_norm");
        return new OptimConfig(
                rule,
                standard.lr(),
                standard.wd(),
                standard.wdBy(),
                ScheduleConfig.CONSTANT,
                List.of(),
                List.of(),
                standard.wdMults(),
                List.of(),
                clip.isNumber() ? (Double) clip.asDouble() : null,
                null);
    }

    /** What is recorded of the parameters' gradients, values or moments. */
    private static void compare(
            Case c, String prefix, GemmaCheckpoint checkpoint, Function<String, @Nullable Tensor> of) {
        Map<String, Tensor> ours = new LinkedHashMap<>();
        for (String name : checkpoint.params().table().keySet()) {
            Tensor x = of.apply(name);
            if (x != null) {
                ours.put(name, x);
            }
        }
        checkpoint.names().export(ours).forEach((name, x) -> {
            if (c.expects(prefix + name)) {
                c.compare(prefix + name, x);
            }
        });
    }
}
