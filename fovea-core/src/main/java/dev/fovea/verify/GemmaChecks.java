package dev.fovea.verify;

import static java.util.Objects.requireNonNull;

import dev.fovea.models.gemma.Gemma;
import dev.fovea.models.gemma.GemmaCheckpoint;
import dev.fovea.models.gemma.GemmaDecoding;
import dev.fovea.models.gemma.GemmaEncoder;
import dev.fovea.models.gemma.GemmaInput;
import dev.fovea.models.vit.Probe;
import dev.fovea.tensor.Scope;
import dev.fovea.train.Losses;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Gemma 3 against Hugging Face transformers. */
final class GemmaChecks {

    private final Case c;
    private final SequencedMap<String, Tensor> found = new LinkedHashMap<>();

    private GemmaChecks(Case c) {
        this.c = c;
    }

    /** Text alone: every layer, losses with gradients, padding, cached generation, arithmetic in bfloat16. */
    static void text(Case c) {
        var checks = new GemmaChecks(c);
        try (GemmaCheckpoint checkpoint = GemmaCheckpoint.read(c.folder(), ScalarType.Float)) {
            checkpoint.params().trainable();
            Gemma model = checkpoint.model();
            Tensor ids = c.tensor("input_ids");
            Tensor logits = checks.layers(model, GemmaInput.of(ids), "embeddings");
            checks.found.put("loss", Losses.nextTokenXent(logits, ids).view(1));
            Tensor loss = Losses.nextTokenXent(logits, c.tensor("masked_labels"));
            checks.found.put("masked_loss", loss.view(1));
            loss.backward();
            checks.gradients(checkpoint);
            checks.padded(model, "padded", null);
            checks.greedy(model, "greedy", c.tensor("prompt_ids"), null, null);
            checks.greedy(
                    model, "padded_greedy", c.tensor("padded_input_ids"), c.tensor("padded_attention_mask"), null);
        }
        GemmaProcessorChecks.inputs(c, 0);
        if (c.expects("bf16_logits")) {
            try (GemmaCheckpoint checkpoint = GemmaCheckpoint.read(c.folder(), ScalarType.BFloat16);
                    var _ = new AutoGradMode(false)) {
                Tensor logits = checkpoint.model().forward(GemmaInput.of(c.tensor("input_ids")));
                checks.found.put("bf16_logits", logits.to(ScalarType.Float));
            }
        }
        checks.compare();
    }

    /** Texts to vectors, every token seeing those after it. */
    static void encoder(Case c) {
        var checks = new GemmaChecks(c);
        try (GemmaCheckpoint checkpoint = GemmaCheckpoint.read(c.folder(), ScalarType.Float);
                var _ = new AutoGradMode(false)) {
            Gemma model = checkpoint.model();
            Tensor mask = c.tensor("attention_mask");
            Tensor real = mask.unsqueeze(-1);
            var input = new GemmaInput(c.tensor("input_ids"), mask, null);
            Tensor pooled = GemmaEncoder.meanPooled(model, input, (name, x) -> checks.found.put(name, x.mul(real)));
            checks.found.put("final_norm", model.hidden(input, Probe.NONE).mul(real));
            checks.found.put("mean_pooled", pooled);
            Tensor unit = GemmaEncoder.unit(pooled);
            checks.found.put("unit", unit);
            checks.found.put("similarity", unit.matmul(unit.t()));
            checks.compare();
        }
    }

    /** Text and pictures: tower, projector, every layer, loss with gradients, a padded batch, cached generation. */
    static void multimodal(Case c) {
        var checks = new GemmaChecks(c);
        try (GemmaCheckpoint checkpoint = GemmaCheckpoint.read(c.folder(), ScalarType.Float)) {
            checkpoint.params().trainable();
            Gemma model = checkpoint.model();
            Tensor ids = c.tensor("input_ids");
            Tensor mask = c.tensor("attention_mask");
            Tensor images = images(c, "pixel_values");
            Tensor logits = checks.layers(model, new GemmaInput(ids, mask, images), "inputs_embeds");
            Tensor loss = Losses.nextTokenXent(logits, c.tensor("labels"));
            checks.found.put("loss", loss.view(1));
            loss.backward();
            checks.gradients(checkpoint);
            Tensor batchImages = images(c, "batch_pixel_values");
            checks.padded(model, "batch", batchImages);
            checks.greedy(model, "greedy", ids, mask, images);
            checks.greedy(
                    model, "batch_greedy", c.tensor("batch_input_ids"), c.tensor("batch_attention_mask"), batchImages);
            GemmaProcessorChecks.inputs(c, model.requireVision().config().numTokens());
            checks.compare();
        }
    }

    private static Tensor images(Case c, String name) {
        return c.tensor(name).permute(0, 2, 3, 1); // [N, H, W, 3]
    }

    /** One pass with all that it goes through; the logits. */
    private Tensor layers(Gemma model, GemmaInput input, String embeddings) {
        Tensor x = model.hidden(input, (name, y) -> found.put(name(name, embeddings), y));
        Tensor logits = model.text().logits(x);
        found.put("final_norm", x);
        found.put("logits", logits);
        return logits;
    }

    private static String name(String probed, String embeddings) {
        if (probed.matches("encoder/block\\d+/\\+mlp")) {
            return "vision_layer_out." + Integer.parseInt(probed.substring(13, probed.length() - 5));
        }
        return switch (probed) {
            case "embeddings" -> embeddings;
            case "with_posemb" -> "vision_embeddings";
            default -> probed;
        };
    }

    /** A batch padded on the left, in one pass without a cache. */
    private void padded(Gemma model, String prefix, @Nullable Tensor images) {
        try (var scope = new Scope();
                var _ = new AutoGradMode(false)) {
            Tensor mask = c.tensor(prefix + "_attention_mask");
            Tensor x = model.hidden(new GemmaInput(c.tensor(prefix + "_input_ids"), mask, images), Probe.NONE);
            found.put(prefix + "_final_norm", scope.keep(x.mul(mask.unsqueeze(-1))));
            Tensor logits = model.text().logits(x.select(1, x.size(1) - 1));
            found.put(prefix + "_logits_last", scope.keep(logits));
        }
    }

    /** Greedy continuations through the cache: ids, the five best of each step, log of the sum of exponentials. */
    private void greedy(Gemma model, String prefix, Tensor ids, @Nullable Tensor mask, @Nullable Tensor images) {
        long[] shape = requireNonNull(c.expected().get(prefix + "_ids"), prefix + "_ids");
        int steps = (int) shape[shape.length - 1];
        int[][] prompts = Rows.of(ids, mask);
        try (var decoding = new GemmaDecoding(model)) {
            var path = new GreedyPath(prompts.length, steps);
            float[][] logits = decoding.next(prompts, images);
            for (int step = 0; step < steps; step++) {
                int[][] chosen = path.choose(step, logits);
                if (step + 1 < steps) {
                    logits = decoding.next(chosen);
                }
            }
            path.compare(c, prefix, shape.length == 2);
        }
    }

    private void gradients(GemmaCheckpoint checkpoint) {
        var gradients = new LinkedHashMap<String, Tensor>();
        checkpoint.params().table().forEach((name, x) -> {
            if (x.grad().defined()) {
                gradients.put(name, x.grad());
            }
        });
        checkpoint.names().export(gradients).forEach((name, x) -> {
            String plain = name.replace("vision_model.", "");
            found.put("grad." + plain, x);
            found.put(
                    "grad_norm." + plain,
                    x.to(ScalarType.Double).norm(new Scalar(2)).view(1));
        });
    }

    private void compare() {
        found.forEach((name, x) -> {
            if (c.expects(name)) {
                c.compare(name, x);
            }
        });
    }
}
