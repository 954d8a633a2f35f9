package dev.fovea.models.siglip;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitExport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.json.JsonMapper;

/** Writes two towers as {@code SiglipModel} of Hugging Face transformers reads them. */
final class SiglipExport {

    private static final JsonMapper JSON = new JsonMapper();

    private SiglipExport() {}

    /** Writes {@code config.json} and {@code model.safetensors}. */
    static void huggingFace(Path folder, SiglipConfig c, SequencedMap<String, Tensor> params) {
        if (!c.bias()) {
            throw new IllegalArgumentException(
                    "transformers has no class for this model: SigLIP has a bias, which the softmax loss does not train");
        }
        var config = new LinkedHashMap<String, Object>();
        config.put("architectures", List.of("SiglipModel"));
        config.put("model_type", "siglip");
        config.put("vision_config", VitExport.siglipVision(c.vision()));
        config.put("text_config", text(c.text()));
        try {
            Files.createDirectories(folder);
            Checkpoints.write(
                    folder.resolve("model.safetensors"),
                    SiglipNames.huggingFace().export(params),
                    Map.of("format", "pt"));
            JSON.writerWithDefaultPrettyPrinter()
                    .writeValue(folder.resolve("config.json").toFile(), config);
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(folder, e.getMessage()), e);
        }
    }

    private static Map<String, Object> text(TextConfig c) {
        var json = new LinkedHashMap<String, Object>();
        json.put("model_type", "siglip_text_model");
        json.put("vocab_size", c.vocabSize());
        json.put("max_position_embeddings", c.maxLength());
        json.put("hidden_size", c.width());
        json.put("num_hidden_layers", c.depth());
        json.put("intermediate_size", c.mlpDim());
        json.put("num_attention_heads", c.numHeads());
        json.put("projection_size", c.outDim());
        json.put("layer_norm_eps", c.normEps());
        json.put("hidden_act", c.gelu() == Gelu.TANH ? "gelu_pytorch_tanh" : "gelu");
        return json;
    }
}
