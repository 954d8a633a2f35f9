package dev.fovea.verify;

import static java.util.Objects.requireNonNull;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.jetformer.CaptionScores;
import dev.fovea.models.jetformer.JetFormer;
import dev.fovea.models.jetformer.JetFormerConfig;
import dev.fovea.models.jetformer.JetFormerLoss;
import dev.fovea.models.jetformer.JetFormerNames;
import dev.fovea.models.jetformer.LossConfig;
import dev.fovea.models.jetformer.LossDraws;
import dev.fovea.models.jetformer.Sequence;
import dev.fovea.models.jetformer.TextSampler;
import dev.fovea.nn.Params;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** JetFormer's whole model against big_vision: loss with every draw given, gradients, captions, scores and features. */
final class JetFormerChecks {

    private static final double STEPS = 127.5;

    private JetFormerChecks() {}

    /** A loss, or what is read out of a picture. */
    static void loss(Case c) {
        JetFormerConfig config = JetFormerConfigs.model(c.config());
        try (Weights weights = Checkpoints.open(c.folder().resolve("params.safetensors"));
                Params params = Params.of(JetFormerNames.load(weights, config, ScalarType.Float))) {
            JetFormer model = JetFormer.of(params, config);
            params.requireNoLeftovers();
            var found = new LinkedHashMap<String, Tensor>();
            if (c.inputs().containsKey("labels")) {
                try (var _ = new NoGradGuard()) {
                    captions(c, model, found);
                }
            } else {
                params.trainable();
                training(c, model, JetFormerNames.bigVision(config), params, found);
            }
            found.forEach((name, x) -> {
                if (c.expects(name)) {
                    c.compare(name, x);
                }
            });
        }
    }

    private static void training(Case c, JetFormer model, NameMap names, Params params, Map<String, Tensor> found) {
        LossConfig loss = JetFormerConfigs.loss(c.config());
        double progress = c.config().path("progress").asDouble(0);
        var batch = new JetFormerLoss.Batch(
                c.tensor("image"),
                c.tensor("text").to(ScalarType.Long),
                bool(c, "text_mask"),
                bool(c, "text_loss"),
                bool(c, "text_first"));
        var draws = new LossDraws(
                c.tensor("dequant_uniform"),
                given(c, "rgb_noise"),
                null,
                given(c, "input_noise_std_uniform"),
                given(c, "input_noise"),
                given(c, "drop_uniform"));
        JetFormerLoss.Result result =
                new JetFormerLoss(model, loss).of(batch, draws, loss.rgbNoiseAt(progress), true, found::put);
        result.value().backward();
        found.put("loss", result.value());
        result.metrics().forEach((name, x) -> found.put("metric/" + name, x));
        var gradients = new LinkedHashMap<String, Tensor>();
        params.table().forEach((name, x) -> {
            if (x.requires_grad()) {
                gradients.put(name, x.grad().defined() ? x.grad() : torch.zeros_like(x));
            }
        });
        names.export(gradients).forEach((name, x) -> found.put("grad/" + name, x));
        var lengths = new TensorVector();
        gradients
                .values()
                .forEach(x -> lengths.push_back(x.to(ScalarType.Double).norm()));
        found.put("l2_grads", torch.stack(lengths).norm());
    }

    private static void captions(Case c, JetFormer model, Map<String, Tensor> found) {
        Tensor image = c.tensor("image").add(c.tensor("dequant_uniform").div(new Scalar(STEPS)));
        JetFormer.Encoded encoded = model.encode(model.patches(image));
        Tensor soft = encoded.soft();
        found.put("image_latents", soft);
        int length = c.config().required("decode_len").asInt();
        double temperature = c.config().path("sample_temperature").asDouble(1);
        long rows = soft.size(0);
        Tensor noText = torch.zeros(rows, 0).to(ScalarType.Long);
        Tensor noValid = noText.to(ScalarType.Bool);
        found.put(
                "greedy_tokens",
                new TextSampler(model, 0, 0)
                        .sample(soft, noText, noValid, length, _ -> JetFormerDraws.none())
                        .ids());
        var sampler = new TextSampler(model, temperature, 0);
        put(
                found,
                "sampled/",
                sampler.sample(
                        soft, noText, noValid, length, i -> JetFormerDraws.text(c, "sampled/gumbel%02d".formatted(i))));
        put(
                found,
                "sampled_prompted/",
                sampler.sample(
                        soft,
                        c.tensor("prompt").to(ScalarType.Long),
                        bool(c, "prompt_mask"),
                        length,
                        i -> JetFormerDraws.text(c, "sampled_prompted/gumbel%02d".formatted(i))));
        found.put(
                "scores",
                CaptionScores.of(model, soft, c.tensor("labels").to(ScalarType.Long), bool(c, "labels_mask")));
        found.put("rep/patch_emb", encoded.patches().mean(1));
        found.put("rep/nvp", encoded.latents().mean(1));
        var seen = new LinkedHashMap<String, Tensor>();
        model.forward(Sequence.Input.of(noText, soft, false, noValid), false, seen::put);
        for (Map.Entry<String, Tensor> x : seen.entrySet()) {
            if (x.getKey().startsWith("decoder/")) {
                found.put(
                        "rep/" + x.getKey().substring("decoder/".length()),
                        x.getValue().mean(1));
            }
        }
    }

    private static void put(Map<String, Tensor> found, String at, TextSampler.Sampled sampled) {
        found.put(at + "out_tokens", sampled.ids());
        found.put(at + "out_logp", sampled.logProb());
        found.put(at + "out_prelogits", sampled.outputs());
    }

    static Tensor bool(Case c, String name) {
        return requireNonNull(c.tensor(name)).to(ScalarType.Bool);
    }

    private static @Nullable Tensor given(Case c, String name) {
        return c.inputs().containsKey(name) ? c.tensor(name) : null;
    }
}
