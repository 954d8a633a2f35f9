package dev.fovea.models.vit;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import dev.fovea.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a Vision Transformer as Hugging Face transformers reads it: with a class token as
 * {@code ViTForImageClassification}, with attention pooling and no head as {@code SiglipVisionModel}.
 */
public final class VitExport {

    private static final JsonMapper JSON = new JsonMapper();

    private VitExport() {}

    /**
     * Writes {@code config.json} and {@code model.safetensors}.
     *
     * @param labels name of each class, may be empty
     * @throws IllegalArgumentException for a network that transformers has no class for
     */
    public static void huggingFace(Path folder, VitConfig c, SequencedMap<String, Tensor> params, List<String> labels) {
        requireExportable(c);
        try (var _ = new Scope()) {
            var table = new LinkedHashMap<>(params);
            boolean siglip = c.pool() == Pool.MAP;
            if (!siglip) {
                Tensor positions = params.get("position_embedding"); // [1, N, D]
                if (positions == null) {
                    throw new IllegalArgumentException("position_embedding: not among the parameters");
                }
                Tensor none = torch.zeros_like(positions.narrow(1, 0, 1)); // the class token's own place
                table.put(
                        "position_embedding",
                        torch.cat(new TensorVector(none, positions), 1).detach());
            }
            var names = siglip ? VitNames.siglipVision().at("", "vision_model.") : VitNames.huggingFace();
            Files.createDirectories(folder);
            Checkpoints.write(folder.resolve("model.safetensors"), names.export(table), Map.of("format", "pt"));
            JSON.writerWithDefaultPrettyPrinter()
                    .writeValue(folder.resolve("config.json").toFile(), siglip ? siglipVision(c) : vit(c, labels));
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(folder, e.getMessage()), e);
        }
    }

    private static void requireExportable(VitConfig c) {
        boolean vit = c.pool() == Pool.TOK && c.repSize() == 0;
        boolean siglip = c.pool() == Pool.MAP && c.repSize() == 0 && c.numClasses() == 0;
        boolean square = c.image().height() == c.image().width()
                && c.patch().height() == c.patch().width();
        if (c.stem() != null || c.positions() != Positions.LEARN || !square || !(vit || siglip)) {
            throw new IllegalArgumentException(
                    ("transformers has no class for this network: wanted square pictures, learned positions, no stem, and pool"
                                    + " tok, or pool map without a head; found image %s, positions %s, pool %s, repSize %d,"
                                    + " %d classes%s")
                            .formatted(
                                    c.image(),
                                    c.positions(),
                                    c.pool(),
                                    c.repSize(),
                                    c.numClasses(),
                                    c.stem() == null ? "" : ", a stem"));
        }
    }

    private static Map<String, Object> sizes(VitConfig c) {
        var json = new LinkedHashMap<String, Object>();
        json.put("hidden_size", c.width());
        json.put("num_hidden_layers", c.depth());
        json.put("num_attention_heads", c.numHeads());
        json.put("intermediate_size", c.mlpDim());
        json.put("hidden_act", c.gelu() == Gelu.TANH ? "gelu_pytorch_tanh" : "gelu");
        json.put("layer_norm_eps", c.normEps());
        json.put("image_size", c.image().height());
        json.put("patch_size", c.patch().height());
        json.put("num_channels", 3);
        return json;
    }

    private static Map<String, Object> vit(VitConfig c, List<String> labels) {
        var json = sizes(c);
        json.put("architectures", List.of("ViTForImageClassification"));
        json.put("model_type", "vit");
        json.put("qkv_bias", true);
        var byId = new LinkedHashMap<String, String>();
        var byLabel = new LinkedHashMap<String, Integer>();
        for (int k = 0; k < c.numClasses(); k++) {
            String label = labels.isEmpty() ? "LABEL_" + k : labels.get(k);
            byId.put(Integer.toString(k), label);
            byLabel.put(label, k);
        }
        json.put("id2label", byId);
        json.put("label2id", byLabel);
        return json;
    }

    /**
     * The {@code config.json} of a {@code SiglipVisionModel}.
     *
     * @throws IllegalArgumentException for a network that transformers has no class for
     */
    public static Map<String, Object> siglipVision(VitConfig c) {
        requireExportable(c);
        var json = sizes(c);
        json.put("architectures", List.of("SiglipVisionModel"));
        json.put("model_type", "siglip_vision_model");
        return json;
    }
}
