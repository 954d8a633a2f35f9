package dev.fovea.models.siglip;

import dev.fovea.checkpoint.BigVision;
import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.vit.BigVisionShapes;
import dev.fovea.models.vit.VitCheckpoint;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Two published towers: their sizes, and their parameters by our names as float32.
 *
 * @param tensors parameters; whoever builds a network of them owns them
 */
public record SiglipCheckpoint(SiglipConfig config, SequencedMap<String, Tensor> tensors) {

    /** Reads a Hugging Face folder ({@code model_type} {@code siglip}) or a big_vision file of two towers. */
    public static SiglipCheckpoint read(Path path) {
        Path json = path.resolve("config.json");
        return Files.exists(json) ? huggingFace(path, json) : bigVision(path);
    }

    private static SiglipCheckpoint huggingFace(Path folder, Path json) {
        try (Weights weights = Checkpoints.open(folder)) {
            return new SiglipCheckpoint(
                    SiglipConfig.ofHuggingFace(new JsonMapper().readTree(json.toFile())),
                    SiglipNames.huggingFace().load(weights, ScalarType.Float));
        }
    }

    private static SiglipCheckpoint bigVision(Path path) {
        try (Weights weights = BigVision.repaired(BigVision.open(path), "img/", 0)) {
            VitConfig vision = VitCheckpoint.ofShapes(path, weights.tensors(), "img/");
            var shapes = new BigVisionShapes(path, weights.tensors());
            long[] tokens = shapes.of("txt/Embed_0/embedding"); // [V, D]
            BigVisionShapes.Layers layers = shapes.layers("txt/Encoder_0/");
            var text = new TextConfig(
                    (int) tokens[0],
                    (int) shapes.of("txt/pos_embedding")[1], // [1, T, D]
                    (int) tokens[1],
                    layers.depth(),
                    layers.mlpDim(),
                    layers.numHeads(),
                    (int) shapes.of("txt/head/bias")[0],
                    1e-6,
                    Gelu.TANH);
            var config = new SiglipConfig(vision, text, weights.tensors().containsKey("b"));
            return new SiglipCheckpoint(
                    config,
                    SiglipNames.bigVision(vision.numHeads(), layers.numHeads(), false)
                            .load(weights, ScalarType.Float));
        }
    }
}
