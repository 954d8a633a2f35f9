package dev.fovea.models.siglip;

import dev.fovea.models.vit.VitCheckpoint;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Pool;
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
        VitConfig vision = VitCheckpoint.siglipConfig(v);
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
                        VitCheckpoint.gelu(t.path("hidden_act").asString("gelu_pytorch_tanh"))),
                true);
    }
}
