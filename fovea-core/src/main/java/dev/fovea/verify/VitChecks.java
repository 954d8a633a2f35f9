package dev.fovea.verify;

import static java.util.Objects.requireNonNull;

import dev.fovea.checkpoint.BigVision;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.vit.PositionTables;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.Vit;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import dev.fovea.models.vit.VitNames;
import dev.fovea.nn.Params;
import dev.fovea.train.Losses;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tools.jackson.databind.JsonNode;

/** The Vision Transformer against big_vision. */
final class VitChecks {

    private static final Pattern RESAMPLED = Pattern.compile("new_((\\d+)x(\\d+)_to_(\\d+)x(\\d+))");

    private VitChecks() {}

    /** Learned positions on another grid. */
    static void positions(Case c) {
        for (String name : c.expected().keySet()) {
            Matcher m = RESAMPLED.matcher(name);
            if (m.matches()) {
                Size from = new Size(Integer.parseInt(m.group(2)), Integer.parseInt(m.group(3)));
                Size to = new Size(Integer.parseInt(m.group(4)), Integer.parseInt(m.group(5)));
                c.compare(name, PositionTables.resampleAligned(c.tensor("old_" + m.group(1)), from, to));
            }
        }
    }

    /** A checkpoint as the authors' training writes it, then a forward pass. */
    static void checkpoint(Case c) {
        model(c);
    }

    /** A forward pass with its intermediate results; where a loss is recorded, it and every gradient too. */
    static void model(Case c) {
        VitConfig config = config(c);
        NameMap names =
                VitNames.bigVision(config.numHeads(), c.config().path("scan").asBoolean(false));
        try (Weights weights = BigVision.repaired(BigVision.open(weights(c.folder())), "", config.numPatches());
                Params params = Params.of(names.load(weights, ScalarType.Float))) {
            Vit vit = Vit.of(params, config);
            params.requireNoLeftovers();
            Tensor image = c.tensor("image");
            boolean gradients = c.expects("loss");
            if (gradients) {
                params.trainable();
                image.set_requires_grad(true);
            }
            SequencedMap<String, Tensor> found = forward(vit, image);
            if (gradients) {
                gradients(c, names, params, image, found);
            }
            found.forEach((name, x) -> {
                if (c.expects(name)) {
                    c.compare(name, x);
                }
            });
        }
    }

    private static SequencedMap<String, Tensor> forward(Vit vit, Tensor image) {
        var found = new LinkedHashMap<String, Tensor>();
        Size grid = vit.config().grid();
        Vit.Output out = vit.forward(image, found::put);
        found.computeIfPresent("stem", (_, x) -> onGrid(x, grid));
        found.put("encoded", out.encoded());
        found.put("head_input", out.pooled());
        found.put("pre_logits", out.preLogits());
        found.put("logits", out.logits());
        found.put("out", out.logits());
        Tensor tokens = vit.cls() == null
                ? out.encoded()
                : out.encoded().narrow(1, 1, out.encoded().size(1) - 1); // [B, h·w, D]
        Tensor features = vit.rep(tokens);
        found.put("pre_logits_2d", onGrid(features, grid));
        var head = vit.head();
        found.put("logits_2d", onGrid(head == null ? features : head.forward(features), grid));
        return found;
    }

    private static void gradients(
            Case c, NameMap names, Params params, Tensor image, SequencedMap<String, Tensor> found) {
        String kind = c.config().required("loss").asString();
        Tensor logits = requireNonNull(found.get("logits"));
        Tensor labels = c.tensor("labels");
        Tensor loss =
                switch (kind) {
                    case "softmax_xent" -> Losses.softmaxXent(logits, labels, 1).mean();
                    case "sigmoid_xent" -> Losses.sigmoidXent(logits, labels).mean();
                    default ->
                        throw new IllegalArgumentException("loss " + kind + ": wanted softmax_xent or sigmoid_xent");
                };
        loss.backward();
        found.put("loss", loss);
        found.put("grad_image", image.grad());
        var gradients = new LinkedHashMap<String, Tensor>();
        params.table().forEach((name, x) -> gradients.put(name, x.grad()));
        double square = 0;
        for (Map.Entry<String, Tensor> g : names.export(gradients).entrySet()) {
            found.put("grad/" + g.getKey(), g.getValue());
            double norm = g.getValue().to(ScalarType.Double).norm().item_double();
            square += norm * norm;
        }
        c.compare("l2_grads", new double[] {Math.sqrt(square)});
    }

    private static Tensor onGrid(Tensor x, Size grid) { // [B, h·w, D]
        return x.unflatten(1, grid.height(), grid.width()); // [B, h, w, D]
    }

    private static VitConfig config(Case c) {
        JsonNode json = c.config();
        long[] image = c.input("image").shape();
        int width = json.required("width").asInt();
        JsonNode rep = json.path("rep_size");
        String positions = json.path("posemb").asString("learn");
        return new VitConfig(
                new Size((int) image[1], (int) image[2]),
                new Size(
                        json.required("patch_size").get(0).asInt(),
                        json.required("patch_size").get(1).asInt()),
                width,
                json.required("depth").asInt(),
                json.path("mlp_dim").asInt(4 * width),
                json.required("num_heads").asInt(),
                switch (positions) {
                    case "learn" -> Positions.LEARN;
                    case "sincos2d" -> Positions.SINCOS2D;
                    default -> throw new IllegalArgumentException("posemb " + positions + ": wanted learn or sincos2d");
                },
                pool(json.required("pool_type").asString()),
                rep.isBoolean() ? (rep.asBoolean() ? width : 0) : rep.asInt(0),
                json.path("num_classes").asInt(0),
                json.path("layernorm_eps").asDouble(1e-6),
                json.path("gelu").asString("tanh").equals("tanh") ? Gelu.TANH : Gelu.ERF,
                null);
    }

    private static Pool pool(String name) {
        return switch (name) {
            case "gap" -> Pool.GAP;
            case "map" -> Pool.MAP;
            case "tok" -> Pool.TOK;
            case "0" -> Pool.FIRST;
            case "none" -> Pool.NONE;
            default -> throw new IllegalArgumentException("pool_type " + name + ": wanted gap, map, tok, 0 or none");
        };
    }

    private static Path weights(Path folder) {
        for (String name : new String[] {"params.safetensors", "params.npz", "checkpoint.npz"}) {
            if (Files.exists(folder.resolve(name))) {
                return folder.resolve(name);
            }
        }
        throw new IllegalArgumentException(folder + ": no params.safetensors, params.npz or checkpoint.npz");
    }
}
