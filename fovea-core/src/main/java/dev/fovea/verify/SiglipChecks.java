package dev.fovea.verify;

import static java.util.Objects.requireNonNull;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.Weights;
import dev.fovea.image.ImageDecoder;
import dev.fovea.image.Pixels;
import dev.fovea.image.Preprocess;
import dev.fovea.image.PreprocessorConfig;
import dev.fovea.models.siglip.Siglip;
import dev.fovea.models.siglip.SiglipConfig;
import dev.fovea.models.siglip.SiglipNames;
import dev.fovea.models.vit.PositionTables;
import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.Vit;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Tensors;
import dev.fovea.text.SiglipTokenizer;
import dev.fovea.train.Losses;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tools.jackson.databind.JsonNode;

/** SigLIP against Hugging Face transformers. */
final class SiglipChecks {

    private SiglipChecks() {}

    /** Both towers with their intermediate results, agreement, sigmoid loss, gradients, and a picture of another size. */
    static void model(Case c) {
        SiglipConfig config = SiglipConfig.ofHuggingFace(c.config());
        NameMap names = SiglipNames.huggingFace();
        inputs(c, config.text().maxLength());
        try (Weights weights = Checkpoints.open(c.folder());
                Params params = Params.of(names.load(weights, ScalarType.Float))) {
            Siglip model = Siglip.of(params, config);
            params.requireNoLeftovers();
            params.trainable();
            SequencedMap<String, Tensor> found = forward(model, c);
            requireNonNull(found.get("loss")).backward();
            var gradients = new LinkedHashMap<String, Tensor>();
            params.table().forEach((name, x) -> {
                if (x.grad().defined()) {
                    gradients.put(name, x.grad());
                }
            });
            names.export(gradients).forEach((name, x) -> found.put("grad." + name, x));
            found.forEach((name, x) -> {
                if (c.expects(name)) {
                    c.compare(name, x);
                }
            });
        }
    }

    /** The inputs, made again from the texts and pictures of {@code request.json}. */
    private static void inputs(Case c, int length) {
        if (!Files.exists(c.folder().resolve("request.json"))) {
            return;
        }
        JsonNode request = c.json("request.json");
        SiglipTokenizer tokenizer = SiglipTokenizer.read(c.folder());
        long[] ids = request.required("texts")
                .valueStream()
                .flatMapToInt(text -> IntStream.of(tokenizer.encode(text.asString(), length)))
                .asLongStream()
                .toArray();
        c.compareRow("input_ids of the texts", boxed(Tensors.toLongs(c.tensor("input_ids"))), boxed(ids));
        Preprocess preprocess = PreprocessorConfig.read(c.folder()).preprocess();
        List<String> files =
                request.required("images").valueStream().map(JsonNode::asString).toList();
        List<Pixels> pictures = files.stream()
                .map(file -> preprocess.apply(ImageDecoder.read(c.images().resolve(file)), new Random(0)))
                .toList();
        PictureInputs.compare(c, "pixel_values", files, pictures);
    }

    private static List<Long> boxed(long[] values) {
        return LongStream.of(values).boxed().toList();
    }

    private static SequencedMap<String, Tensor> forward(Siglip model, Case c) {
        var found = new LinkedHashMap<String, Tensor>();
        Tensor pixels = c.tensor("pixel_values").permute(0, 2, 3, 1); // [B, H, W, 3]
        Vit.Output vision = model.vision().forward(pixels, (name, x) -> found.put(vision(name), x));
        found.put("vision_last", vision.encoded());
        found.put("image_pooled", vision.logits());
        Tensor texts = model.text().forward(c.tensor("input_ids"), (name, x) -> found.put(text(name), x));
        found.put("text_pooled", texts);
        Tensor z = Siglip.normalize(vision.logits());
        Tensor t = Siglip.normalize(texts);
        found.put("image_embeds", z);
        found.put("text_embeds", t);
        Tensor logits = model.logits(z, t); // [images, texts]
        found.put("logits_per_image", logits);
        long pairs = Math.min(z.size(0), t.size(0));
        Tensor bias = requireNonNull(model.bias());
        found.put(
                "loss",
                Losses.sigmoidContrast(
                                z.narrow(0, 0, pairs),
                                t.narrow(0, 0, pairs),
                                model.scale().exp(),
                                bias)
                        .mean()
                        .view(1));
        if (c.expects("large_pooled")) {
            Tensor large = c.tensor("large_pixel_values").permute(0, 2, 3, 1);
            Vit resized = model.vision()
                    .resized(new Size((int) large.size(1), (int) large.size(2)), PositionTables::resampleBicubic);
            found.put("large_pooled", resized.forward(large, Probe.NONE).logits());
        }
        return found;
    }

    private static String vision(String name) {
        return switch (name) {
            case "with_posemb" -> "vision_embeddings";
            case "attention_pooled" -> "attention_pooled";
            default -> layer("vision", name);
        };
    }

    private static String text(String name) {
        return switch (name) {
            case "embeddings" -> "text_embeddings";
            case "encoded" -> "text_last";
            default -> layer("text", name);
        };
    }

    private static String layer(String tower, String name) {
        return name.matches("encoder/block\\d+/\\+mlp")
                ? "%s_layer_out.%d".formatted(tower, Integer.parseInt(name.substring(13, name.length() - 5)))
                : tower + "/" + name;
    }
}
