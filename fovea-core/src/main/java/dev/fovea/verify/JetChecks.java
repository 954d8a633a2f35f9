package dev.fovea.verify;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.jet.BitsPerDim;
import dev.fovea.models.jet.Jet;
import dev.fovea.models.jet.JetConfig;
import dev.fovea.models.jet.JetConfig.Kind;
import dev.fovea.models.jet.JetConfig.Net;
import dev.fovea.models.jet.JetNames;
import dev.fovea.models.jet.Projection;
import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.Size;
import dev.fovea.nn.Params;
import dev.fovea.optim.Decay;
import dev.fovea.optim.OptimConfig;
import dev.fovea.optim.OptimConfig.DecayBy;
import dev.fovea.optim.OptimConfig.Multiplier;
import dev.fovea.optim.Optimizer;
import dev.fovea.optim.Rule;
import dev.fovea.optim.ScheduleConfig;
import dev.fovea.optim.TrainLength;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Jet against big_vision: the flow both ways, bits per dimension, gradients, and training steps. */
final class JetChecks {

    private JetChecks() {}

    static void model(Case c) {
        long[] shape = c.input("image").shape();
        JetConfig config = config(
                c.config(),
                new Size((int) shape[1], (int) shape[2]),
                (int) shape[3],
                c.inputs().containsKey("context") ? (int) c.input("context").shape()[2] : 0);
        NameMap names = JetNames.bigVision(config);
        var found = new LinkedHashMap<String, Tensor>();
        try (Weights weights = Checkpoints.open(c.folder().resolve("params.safetensors"));
                Params params = Params.of(JetNames.load(weights, config, ScalarType.Float));
                Params wide = Params.of(JetNames.load(weights, config, ScalarType.Double))) {
            Jet jet = Jet.of(params, config);
            params.requireNoLeftovers();
            params.trainable();
            forward(c, jet, found);
            gradients(names, params, found);
            both(c, jet, found);
            steps(c, names, wide.trainable(), Jet.of(wide, config), found);
            found.forEach((name, x) -> {
                if (c.expects(name)) {
                    c.compare(name, x);
                }
            });
        }
    }

    private static Tensor noisy(Case c) {
        return c.tensor("image").add(c.tensor("noise"));
    }

    private static @Nullable Tensor context(Case c) {
        return c.inputs().containsKey("context") ? c.tensor("context") : null;
    }

    private static void forward(Case c, Jet jet, Map<String, Tensor> found) {
        Tensor image = noisy(c);
        image.set_requires_grad(true);
        Jet.Flow flow = jet.forward(image, context(c), found::put);
        BitsPerDim bits = BitsPerDim.of(flow.out(), flow.logDet());
        Tensor loss = bits.total().mean();
        loss.backward();
        found.put("z", flow.out());
        found.put("logdet", flow.logDet());
        found.put("bits_per_image", bits.total());
        found.put("bits", loss);
        found.put("nll", bits.prior().mean());
        found.put("logdet_per_dim", bits.logDet().mean());
        found.put("grad_image", image.grad());
    }

    private static void gradients(NameMap names, Params params, Map<String, Tensor> found) {
        var gradients = new LinkedHashMap<String, Tensor>();
        params.table().forEach((name, x) -> {
            if (x.grad().defined()) {
                gradients.put(name, x.grad());
            }
        });
        names.export(gradients).forEach((name, x) -> found.put("grad/" + name, x));
        found.put("l2_grads", length(gradients.values()));
    }

    /** The inverse, of what the forward map made and of noise. */
    private static void both(Case c, Jet jet, Map<String, Tensor> found) {
        if (!c.inputs().containsKey("latent")) {
            return;
        }
        try (var _ = new NoGradGuard()) {
            Jet.Flow back =
                    jet.inverse(jet.forward(noisy(c), context(c), Probe.NONE).out(), context(c));
            found.put("roundtrip", back.out());
            found.put("roundtrip_logdet", back.logDet());
            Jet.Flow made = jet.inverse(c.tensor("latent"), context(c));
            found.put("x_from_latent", made.out());
            found.put("x_from_latent_logdet", made.logDet());
        }
    }

    /**
     * Parameters after a few steps on the same batch, the length of the last gradient and how far the last step moved
     * them. In float64: Adam divides by the root of squared gradients, and where one is near zero an update is the ratio
     * of two roundings.
     */
    private static void steps(Case c, NameMap names, Params params, Jet jet, Map<String, Tensor> found) {
        JsonNode o = c.config().path("optimizer");
        if (o.isMissingNode()) {
            return;
        }
        var trained = new LinkedHashMap<>(params.table());
        trained.values().removeIf(x -> !x.is_floating_point());
        Tensor image = noisy(c).to(ScalarType.Double);
        Tensor context = context(c);
        Tensor wideContext = context == null ? null : context.to(ScalarType.Double);
        try (Optimizer optimizer =
                Optimizer.of(optim(o), trained, o.required("total_steps").asLong())) {
            for (long step = 0; step < o.required("steps_taken").asLong(); step++) {
                Jet.Flow flow = jet.forward(image, wideContext, Probe.NONE);
                BitsPerDim.of(flow.out(), flow.logDet()).total().mean().backward();
                found.put(
                        "l2_grads",
                        length(trained.values().stream().map(Tensor::grad).toList()));
                Map<String, Tensor> before = new LinkedHashMap<>();
                trained.forEach((name, x) -> before.put(name, x.detach().clone()));
                optimizer.step(step);
                trained.forEach((name, x) ->
                        before.computeIfPresent(name, (_, y) -> x.detach().sub(y)));
                found.put("l2_updates", length(before.values()));
            }
        }
        names.export(trained).forEach((name, x) -> found.put("updated/" + name, x.detach()));
    }

    /** Length of all together. */
    private static Tensor length(Collection<Tensor> all) {
        var lengths = new TensorVector();
        all.forEach(x -> lengths.push_back(x.to(ScalarType.Double).norm()));
        return torch.stack(lengths).norm();
    }

    private static OptimConfig optim(JsonNode o) {
        JsonNode clip = o.path("grad_clip_norm");
        return new OptimConfig(
                new Rule.Adam(
                        o.path("b1").asDouble(0.9),
                        o.path("b2").asDouble(0.999),
                        o.path("eps").asDouble(1e-8),
                        0,
                        BigVisionConfigs.momentum(o, "mu_dtype", Rule.Momentum.FULL, Rule.Momentum.BFLOAT16_UNCOMPILED),
                        false),
                o.required("lr").asDouble(),
                o.path("wd").asDouble(0),
                DecayBy.SCHEDULE,
                schedule(o),
                List.of(),
                List.of(),
                List.of(new Multiplier(".*", 1)),
                List.of(),
                clip.isNumber() && clip.asDouble() > 0 ? clip.asDouble() : null,
                null);
    }

    private static ScheduleConfig schedule(JsonNode o) {
        String decay = o.path("decay_type").asString("cosine");
        if (!decay.equals("cosine")) {
            throw new IllegalArgumentException("decay_type %s: wanted cosine".formatted(decay));
        }
        return ScheduleConfig.of(
                new Decay.Cosine(0, 1), TrainLength.steps(o.path("warmup_steps").asLong(0)));
    }

    /** big_vision's settings of a Jet for pictures, or grids of vectors, of this size. */
    static JetConfig config(JsonNode json, Size image, int channels, int contextWidth) {
        return new JetConfig(
                image,
                channels,
                json.path("ps").asInt(4),
                json.path("depth").asInt(2),
                json.path("block_depth").asInt(1),
                json.path("emb_dim").asInt(256),
                json.path("num_heads").asInt(4),
                names(json.path("kinds"), Kind.class, List.of(Kind.CHANNELS, Kind.CHANNELS, Kind.SPATIAL)),
                names(json.path("channels_coupling_projs"), Projection.class, List.of(Projection.RANDOM)),
                names(
                        json.path("spatial_coupling_projs"),
                        Projection.class,
                        List.of(Projection.CHECKERBOARD, Projection.CHECKERBOARD_INV)),
                json.path("scale_factor").asDouble(2),
                contextWidth,
                Net.VIT);
    }

    private static <E extends Enum<E>> List<E> names(JsonNode list, Class<E> type, List<E> otherwise) {
        return list.isMissingNode()
                ? otherwise
                : list.valueStream()
                        .map(x -> Enum.valueOf(
                                type, x.asString().toUpperCase(Locale.ROOT).replace('-', '_')))
                        .toList();
    }
}
