package dev.fovea.verify;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.jetformer.FullGaussian;
import dev.fovea.models.jetformer.Guided;
import dev.fovea.models.jetformer.IRevNet;
import dev.fovea.models.jetformer.ImageSampler;
import dev.fovea.models.jetformer.JetFormer;
import dev.fovea.models.jetformer.JetFormerConfig;
import dev.fovea.models.jetformer.JetFormerNames;
import dev.fovea.models.jetformer.Mixture;
import dev.fovea.models.jetformer.PatchPca;
import dev.fovea.models.jetformer.PcaConfig;
import dev.fovea.models.jetformer.RightAlign;
import dev.fovea.models.jetformer.Temperatures;
import dev.fovea.models.vit.Size;
import dev.fovea.nn.Params;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tools.jackson.databind.JsonNode;

/** JetFormer's parts against big_vision: sampling, mixture head, principal components, adaptor, alignment. */
final class JetFormerPartChecks {

    private static final double STEPS = 127.5;
    private static final Pattern PCA = Pattern.compile("whiten([01])_seq([0-9]+)/mu");

    private JetFormerPartChecks() {}

    static void sampling(Case c) {
        JetFormerConfig config = JetFormerConfigs.model(c.config());
        JsonNode guidance = c.config().path("cfg_weight");
        var temperatures = new Temperatures(
                c.config().path("temperature").asDouble(1),
                c.config().path("temperature_probs").asDouble(1));
        try (Weights weights = Checkpoints.open(c.folder().resolve("params.safetensors"));
                Params params = Params.of(JetFormerNames.load(weights, config, ScalarType.Float));
                var _ = new NoGradGuard()) {
            JetFormer model = JetFormer.of(params, config);
            params.requireNoLeftovers();
            var sampler = new ImageSampler(model, guidance.isNumber() ? guidance.asDouble() : 0, temperatures);
            Tensor text = c.tensor("text").to(ScalarType.Long);
            ImageSampler.Sampled sampled = sampler.sample(
                    text,
                    c.inputs().containsKey("text_mask")
                            ? JetFormerChecks.bool(c, "text_mask")
                            : torch.ones_like(text).to(ScalarType.Bool),
                    i -> JetFormerDraws.soft(c, "step%02d/".formatted(i)));
            c.compare("out_tokens", sampled.soft());
            c.compare("out_logp", sampled.logProb());
            c.compare("out_prelogits", sampled.outputs());
            c.compare("image", model.decode(sampled.soft(), c.tensor("latent_noise")));
        }
    }

    static void function(Case c) {
        try (var _ = new NoGradGuard()) {
            if (c.inputs().containsKey("logits")) {
                head(c);
            } else {
                RightAlign aligned = RightAlign.of(
                        c.tensor("x"), JetFormerChecks.bool(c, "attn_mask"), JetFormerChecks.bool(c, "input_mask"));
                c.compare("x_aligned", aligned.x());
                c.compare("attn_mask_aligned", aligned.mask());
                c.compare("input_mask_aligned", aligned.valid());
            }
        }
    }

    private static void head(Case c) {
        var cooled = new Temperatures(
                c.config().required("temperature_scales").asDouble(),
                c.config().required("temperature_probs").asDouble());
        compare(c, "plain/", Temperatures.NONE);
        compare(c, "cooled/", cooled);
        if (c.inputs().containsKey("logits_multivariate")) {
            c.compare(
                    "multivariate/log_prob",
                    FullGaussian.of(
                                    c.tensor("logits_multivariate"),
                                    c.config().required("out_dim").asInt(),
                                    floor(c),
                                    Temperatures.NONE)
                            .logProb(c.tensor("x")));
        }
        if (c.inputs().containsKey("logits_uncond")) {
            Guided guided = Guided.of(
                    mixture(c, "logits", Temperatures.NONE),
                    mixture(c, "logits_uncond", Temperatures.NONE),
                    c.config().required("cfg_weight").asDouble(),
                    c.tensor("component_gumbel"));
            c.compare("guided/fac", guided.factor());
            c.compare("guided/component_loc_c", guided.meanC());
            c.compare("guided/component_scale_c", guided.scaleC());
            c.compare("guided/component_loc_u", guided.meanU());
            c.compare("guided/component_scale_u", guided.scaleU());
            Tensor points = c.tensor("points").view(-1, 1, 1, 1);
            c.compare("guided/log_prob", guided.logDensity(guided.meanC().add(points.mul(guided.scaleC()))));
        }
    }

    private static Mixture mixture(Case c, String input, Temperatures temperatures) {
        return Mixture.of(c.tensor(input), c.config().required("num_mixtures").asInt(), floor(c), temperatures);
    }

    private static void compare(Case c, String at, Temperatures temperatures) {
        Mixture mixture = mixture(c, "logits", temperatures);
        c.compare(at + "log_weights", mixture.logWeights());
        c.compare(at + "locs", mixture.means());
        c.compare(at + "scales", mixture.scales());
        c.compare(at + "log_prob", mixture.logProb(c.tensor("x")));
        c.compare(at + "mean", mixture.mean());
        c.compare(at + "variance", mixture.variance());
        c.compare(at + "sample", mixture.sample(c.tensor("component_gumbel"), c.tensor("component_normal")));
    }

    private static double floor(Case c) {
        return c.config().path("scale_tol").asDouble(1e-6);
    }

    /** Principal components of patches, or the adaptor of convolutions. */
    static void model(Case c) {
        try (var _ = new NoGradGuard()) {
            if (c.inputs().containsKey("components_")) {
                pca(c);
            } else {
                adaptor(c);
            }
        }
    }

    private static void pca(Case c) {
        Tensor image = c.tensor("image").add(c.tensor("dequant_uniform").div(new Scalar(STEPS)));
        Size patch = Size.of(c.config().required("patch").asInt());
        Size grid = new Size((int) image.size(1) / patch.height(), (int) image.size(2) / patch.width());
        for (String name : c.expected().keySet()) {
            Matcher m = PCA.matcher(name);
            if (!m.matches()) {
                continue;
            }
            var config = new PcaConfig(
                    c.config().required("components").asInt(),
                    m.group(1).equals("1"),
                    Integer.parseInt(m.group(2)),
                    c.config().path("noise_std").asDouble(0));
            var pca = new PatchPca(
                    config, grid, patch, c.tensor("components_"), c.tensor("explained_variance_"), c.tensor("mean_"));
            String at = name.substring(0, name.length() - "mu".length());
            Tensor mu = pca.encode(image);
            Tensor z = pca.withNoise(mu, c.tensor("noise"));
            c.compare(at + "mu", mu);
            c.compare(at + "logvar", torch.full_like(mu, new Scalar(pca.logVariance())));
            c.compare(at + "z", z);
            c.compare(at + "decoded", pca.decode(z));
        }
    }

    private static void adaptor(Case c) {
        JsonNode json = c.config();
        int channels = json.required("num_channels").asInt();
        try (Weights weights = Checkpoints.open(c.folder().resolve("params.safetensors"));
                Params params = Params.of(IRevNet.bigVision().load(weights, ScalarType.Float))) {
            IRevNet net = IRevNet.of(
                    params,
                    json.required("num_blocks").asInt(),
                    channels,
                    json.path("num_channels_bottleneck").asInt(channels));
            params.requireNoLeftovers();
            Tensor tokens = c.tensor("latents");
            Size grid = Size.of((int) Math.round(Math.sqrt((double) tokens.size(1))));
            Tensor out = net.forward(tokens, grid);
            c.compare("forward", out);
            c.compare("inverse", net.inverse(out, grid));
        }
    }
}
