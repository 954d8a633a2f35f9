package dev.fovea.models.siglip;

import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import tools.jackson.databind.JsonNode;

/** Sizes of both towers; {@code bias} is false for a model trained by the softmax loss, which has none. */
public record SiglipConfig(VitConfig vision, TextConfig text, boolean bias) {

    public SiglipConfig {
        if (vision.pool() == Pool.NONE) {
            throw new IllegalArgumentException("picture tower: pool NONE gives no vector a picture");
        }
        int imageDim = vision.numClasses() > 0 ? vision.numClasses() : vision.outputWidth();
        if (imageDim != text.outDim()) {
            throw new IllegalArgumentException(
                    "the picture's vector has %d entries, the text's %d".formatted(imageDim, text.outDim()));
        }
    }

    /** A published model's {@code config.json}; what it leaves out has the published default of the base model. */
    public static SiglipConfig ofHuggingFace(JsonNode config) {
        JsonNode v = config.path("vision_config");
        JsonNode t = config.path("text_config");
        int width = v.path("hidden_size").asInt(768);
        VitConfig vision = new VitConfig(
                Size.of(v.path("image_size").asInt(224)),
                Size.of(v.path("patch_size").asInt(16)),
                width,
                v.path("num_hidden_layers").asInt(12),
                v.path("intermediate_size").asInt(3072),
                v.path("num_attention_heads").asInt(12),
                Positions.LEARN,
                v.path("vision_use_head").asBoolean(true) ? Pool.MAP : Pool.NONE,
                0,
                0,
                v.path("layer_norm_eps").asDouble(1e-6),
                gelu(v),
                null);
        int textWidth = t.path("hidden_size").asInt(768);
        return new SiglipConfig(
                vision,
                new TextConfig(
                        t.path("vocab_size").asInt(32_000),
                        t.path("max_position_embeddings").asInt(64),
                        textWidth,
                        t.path("num_hidden_layers").asInt(12),
                        t.path("intermediate_size").asInt(3072),
                        t.path("num_attention_heads").asInt(12),
                        t.path("projection_size").asInt(textWidth),
                        t.path("layer_norm_eps").asDouble(1e-6),
                        gelu(t)),
                true);
    }

    private static Gelu gelu(JsonNode tower) {
        String name = tower.path("hidden_act").asString("gelu_pytorch_tanh");
        return switch (name) {
            case "gelu_pytorch_tanh", "gelu_new" -> Gelu.TANH;
            case "gelu" -> Gelu.ERF;
            default ->
                throw new IllegalArgumentException(
                        "hidden_act %s: wanted gelu_pytorch_tanh, gelu_new or gelu".formatted(name));
        };
    }
}
