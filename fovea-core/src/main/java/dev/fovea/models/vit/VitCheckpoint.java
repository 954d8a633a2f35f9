package dev.fovea.models.vit;

import dev.fovea.checkpoint.BigVision;
import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.StoredTensor;
import dev.fovea.checkpoint.Weights;
import dev.fovea.image.Filter;
import dev.fovea.image.Preprocess;
import dev.fovea.image.Step;
import dev.fovea.image.ValueRange;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import dev.fovea.tensor.Scope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SequencedMap;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A published Vision Transformer: its sizes, and its parameters by our names as float32.
 *
 * @param config sizes, from {@code config.json} or from the shapes of the tensors
 * @param tensors parameters; whoever builds a network of them owns them
 */
public record VitCheckpoint(VitConfig config, SequencedMap<String, Tensor> tensors) {

    /**
     * Reads a Hugging Face folder ({@code model_type} {@code vit}, {@code siglip} or {@code siglip_vision_model}) or a
     * big_vision file, {@code .npz} or {@code .safetensors}.
     */
    public static VitCheckpoint read(Path path) {
        Path json = path.resolve("config.json");
        return Files.exists(json) ? huggingFace(path, new JsonMapper().readTree(json.toFile())) : bigVision(path);
    }

    /** The sizes of Hugging Face's {@code ViTForImageClassification}, whose class token is pooled by taking it. */
    public static VitConfig huggingFaceConfig(JsonNode c) {
        int labels = c.has("id2label")
                ? c.get("id2label").size()
                : c.path("num_labels").asInt(2);
        return new VitConfig(
                Size.of(c.path("image_size").asInt(224)),
                Size.of(c.path("patch_size").asInt(16)),
                c.path("hidden_size").asInt(768),
                c.path("num_hidden_layers").asInt(12),
                c.path("intermediate_size").asInt(3072),
                c.path("num_attention_heads").asInt(12),
                Positions.LEARN,
                Pool.TOK,
                0,
                labels,
                c.path("layer_norm_eps").asDouble(1e-12),
                gelu(c.path("hidden_act").asString("gelu")),
                null);
    }

    /** The sizes of the picture tower of Hugging Face's SigLIP. */
    public static VitConfig siglipConfig(JsonNode v) {
        return new VitConfig(
                Size.of(v.path("image_size").asInt(224)),
                Size.of(v.path("patch_size").asInt(16)),
                v.path("hidden_size").asInt(768),
                v.path("num_hidden_layers").asInt(12),
                v.path("intermediate_size").asInt(3072),
                v.path("num_attention_heads").asInt(12),
                Positions.LEARN,
                v.path("vision_use_head").asBoolean(true) ? Pool.MAP : Pool.NONE,
                0,
                0,
                v.path("layer_norm_eps").asDouble(1e-6),
                gelu(v.path("hidden_act").asString("gelu_pytorch_tanh")),
                null);
    }

    /** Hugging Face's name of a nonlinearity. */
    public static Gelu gelu(String name) {
        return switch (name) {
            case "gelu_pytorch_tanh", "gelu_new" -> Gelu.TANH;
            case "gelu" -> Gelu.ERF;
            default ->
                throw new IllegalArgumentException(
                        "hidden_act %s: wanted gelu, gelu_new or gelu_pytorch_tanh".formatted(name));
        };
    }

    private static VitCheckpoint huggingFace(Path folder, JsonNode config) {
        String type = config.path("model_type").asString("");
        try (Weights weights = Checkpoints.open(folder)) {
            return switch (type) {
                case "vit" -> {
                    VitConfig c = huggingFaceConfig(config);
                    boolean head = weights.tensors().containsKey("classifier.weight");
                    SequencedMap<String, Tensor> tensors =
                            VitNames.huggingFace().load(weights, ScalarType.Float);
                    splitClassPosition(tensors);
                    yield new VitCheckpoint(head ? c : c.withClasses(0), tensors);
                }
                case "siglip", "siglip_vision_model" ->
                    new VitCheckpoint(
                            siglipConfig(type.equals("siglip") ? config.path("vision_config") : config),
                            VitNames.siglipVision()
                                    .at("", "vision_model.")
                                    .ignoring("text_model.*", "logit_scale", "logit_bias")
                                    .load(weights, ScalarType.Float));
                default ->
                    throw new IllegalArgumentException(
                            "%s: model_type %s: wanted vit, siglip or siglip_vision_model".formatted(folder, type));
            };
        }
    }

    /** The class token's own position is part of the token here. */
    private static void splitClassPosition(SequencedMap<String, Tensor> tensors) {
        Tensor table = tensors.get("position_embedding");
        Tensor cls = tensors.get("cls");
        if (table == null || cls == null) {
            return;
        }
        try (var scope = new Scope()) {
            tensors.put("cls", scope.release(cls.add(table.narrow(1, 0, 1))));
            tensors.put(
                    "position_embedding",
                    scope.release(table.narrow(1, 1, table.size(1) - 1).contiguous()));
        }
        table.close();
        cls.close();
    }

    private static VitCheckpoint bigVision(Path path) {
        try (Weights weights = BigVision.repaired(BigVision.open(path), "", 0)) {
            VitConfig config = ofShapes(path, weights.tensors(), "");
            NameMap names = VitNames.bigVision(config.numHeads(), false);
            return new VitCheckpoint(config, names.load(weights, ScalarType.Float));
        }
    }

    /**
     * The sizes of big_vision's network below a prefix such as {@code img/}: its files hold no configuration, but every
     * size except the picture's ratio stands in the shapes.
     */
    public static VitConfig ofShapes(Path path, SequencedMap<String, StoredTensor> stored, String prefix) {
        var shapes = new BigVisionShapes(path, stored);
        Set<String> names = stored.keySet();
        long[] patch = shapes.of(prefix + "embedding/kernel"); // [P, P, 3, D]
        BigVisionShapes.Layers layers = shapes.layers(prefix + "Transformer/");
        long[] positions = shapes.of(prefix + "pos_embedding"); // [1, N, D]
        int side = (int) Math.round(Math.sqrt((double) positions[1]));
        if ((long) side * side != positions[1]) {
            throw new IllegalArgumentException(
                    "%s: %d positions are not a square grid; only square pictures can be inferred from the shapes"
                            .formatted(path, positions[1]));
        }
        Pool pool = names.contains(prefix + "cls")
                ? Pool.TOK
                : names.contains(prefix + "MAPHead_0/probe") ? Pool.MAP : Pool.GAP;
        return new VitConfig(
                new Size(side * (int) patch[0], side * (int) patch[1]),
                new Size((int) patch[0], (int) patch[1]),
                (int) patch[3],
                layers.depth(),
                layers.mlpDim(),
                layers.numHeads(),
                Positions.LEARN,
                pool,
                shapes.firstOrZero(prefix + "pre_logits/bias"),
                shapes.firstOrZero(prefix + "head/bias"),
                1e-6,
                Gelu.TANH,
                null);
    }

    /** big_vision's evaluation: a resize to the network's size and values in [-1, 1]. */
    public static Preprocess bigVisionPreprocess(VitConfig vit) {
        return Preprocess.of(
                new Step.ResizeTo(vit.image().height(), vit.image().width(), Filter.BILINEAR, false),
                ValueRange.SIGNED);
    }
}
