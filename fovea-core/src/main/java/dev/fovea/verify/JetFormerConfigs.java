package dev.fovea.verify;

import dev.fovea.models.jet.JetConfig;
import dev.fovea.models.jetformer.FlowConfig;
import dev.fovea.models.jetformer.JetFormerConfig;
import dev.fovea.models.jetformer.LossConfig;
import dev.fovea.models.vit.Size;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** big_vision's settings of JetFormer as ours. */
final class JetFormerConfigs {

    private static final int CHANNELS = 3;

    private JetFormerConfigs() {}

    static JetFormerConfig model(JsonNode c) {
        JsonNode m = c.required("model");
        BigVisionConfigs.requireKnown(
                m,
                Set.of(
                        "width",
                        "depth",
                        "mlp_dim",
                        "num_heads",
                        "num_kv_heads",
                        "head_dim",
                        "num_vocab_repeats",
                        "causal_mask_on_prefix",
                        "untie_output_vocab",
                        "num_mixtures",
                        "multivariate",
                        "out_dim",
                        "scale_tol",
                        "per_modality_final_norm",
                        "drop_labels_probability"),
                Set.of());
        JsonNode special = c.required("special");
        int patch = c.required("patch").asInt();
        int dims = m.path("out_dim").asInt(32);
        JsonNode noise = c.path("train").path("latent_noise_dim");
        if (noise.asInt(0) > 0 && dims + noise.asInt() != CHANNELS * patch * patch) {
            throw new IllegalArgumentException(
                    "out_dim %d and latent_noise_dim %d do not add up to a patch of %d values"
                            .formatted(dims, noise.asInt(), CHANNELS * patch * patch));
        }
        return new JetFormerConfig(
                Size.of(c.required("res").asInt()),
                CHANNELS,
                patch,
                null,
                flow(c.path("adaptor")),
                dims,
                m.required("width").asInt(),
                m.required("depth").asInt(),
                m.required("mlp_dim").asInt(),
                m.required("num_heads").asInt(),
                m.required("num_kv_heads").asInt(),
                m.required("head_dim").asInt(),
                0,
                m.path("num_mixtures").asInt(4),
                m.path("multivariate").asBoolean(false),
                m.path("scale_tol").asDouble(c.path("scale_tol").asDouble(1e-6)),
                c.required("vocab").asInt(),
                special.required("bos_id").asInt(),
                special.path("boi_id").isNumber()
                        ? (Integer) special.path("boi_id").asInt()
                        : null,
                special.required("nolabel_id").asInt(),
                m.path("num_vocab_repeats").asInt(1),
                c.required("text_len").asInt(),
                m.path("causal_mask_on_prefix").asBoolean(true),
                m.path("untie_output_vocab").asBoolean(false),
                m.path("per_modality_final_norm").asBoolean(false));
    }

    private static @Nullable FlowConfig flow(JsonNode a) {
        if (a.isNull() || a.isMissingNode()) {
            return null;
        }
        JetConfig jet = JetChecks.config(a, Size.of(a.path("ps").asInt(4)), 2, 0);
        return new FlowConfig(
                jet.depth(),
                jet.blockDepth(),
                jet.width(),
                jet.numHeads(),
                jet.patch(),
                jet.kinds(),
                jet.channelProjections(),
                jet.spatialProjections(),
                jet.scaleFactor());
    }

    static LossConfig loss(JsonNode c) {
        JsonNode t = c.required("train");
        BigVisionConfigs.requireKnown(
                t,
                Set.of(
                        "text_prefix_prob",
                        "text_loss_weight",
                        "loss_on_prefix",
                        "noise_scale",
                        "noise_min",
                        "rgb_noise_on_image_prefix",
                        "input_noise_std",
                        "latent_noise_dim",
                        "stop_grad_nvp_prefix"),
                Set.of());
        return new LossConfig(
                t.path("text_prefix_prob").asDouble(0.5),
                t.path("text_loss_weight").asDouble(1),
                t.path("loss_on_prefix").asBoolean(true),
                t.path("noise_scale").asDouble(0),
                t.path("noise_min").asDouble(0),
                t.path("rgb_noise_on_image_prefix").asBoolean(true),
                t.path("input_noise_std").asDouble(0),
                c.path("model").path("drop_labels_probability").asDouble(0),
                t.path("stop_grad_nvp_prefix").asBoolean(false));
    }
}
