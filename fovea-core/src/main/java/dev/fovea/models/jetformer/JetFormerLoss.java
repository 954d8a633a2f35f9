package dev.fovea.models.jetformer;

import dev.fovea.models.jet.BitsPerDim;
import dev.fovea.models.vit.Probe;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Bits per sub-pixel of pictures and nats a token of texts, as the reference puts them together. */
public record JetFormerLoss(JetFormer model, LossConfig config) {

    /** Pictures with their texts; bool masks say which tokens are input and scored, and which rows have the text first. */
    public record Batch(
            Tensor image,
            Tensor text,
            Tensor textValid,
            Tensor textScored,
            Tensor textFirst) {} // [B, H, W, c], int64 [B, L], bool [B, L], bool [B, L], bool [B]

    /**
     * The value, metrics of which those that average over nothing are not a number, and what each example costs: bits a
     * sub-pixel of its picture and nats a token of its text.
     */
    public record Result(
            Tensor value,
            SequencedMap<String, Tensor> metrics,
            Tensor bits,
            Tensor nats) {} // scalar, scalars, [B], [B]

    /** What an example costs. */
    private record Costs(Tensor text, Tensor image, Tensor imageTokens, Tensor logDet) {} // [B] each

    /** @param rgbNoise standard deviation on 8-bit values */
    public Result of(Batch batch, LossDraws draws, double rgbNoise, boolean train, Probe probe) {
        Tensor noisy = withRgbNoise(batch, draws.rgb(), rgbNoise);
        probe.see("noisy_image", noisy);
        return of(batch, encode(noisy, draws), draws, train, probe);
    }

    /** Pictures of 8-bit steps, dequantised and through the flow. */
    JetFormer.Encoded encode(Tensor image, LossDraws draws) { // [B, H, W, c]
        Tensor patches = model.patches(image.add(draws.dequantisation().div(new Scalar(BitsPerDim.STEPS))));
        if (model.pca() != null && draws.pca() != null) {
            patches = model.pca().withNoise(patches, draws.pca());
        }
        return model.encode(patches);
    }

    /** Of pictures that went through the flow already. */
    Result of(Batch batch, JetFormer.Encoded encoded, LossDraws draws, boolean train, Probe probe) {
        Tensor dropped = dropped(batch, draws.drop());
        Tensor soft = softTokens(batch, encoded.soft(), draws);
        probe.see("patches", encoded.patches());
        probe.see("flow_latents", encoded.latents());
        probe.see("sum_log_det", encoded.logDet());
        probe.see("soft_tokens", soft);
        probe.see("drop_prefix", dropped);
        JetFormer.Output out = model.forward(
                new Sequence.Input(batch.text, soft, batch.textFirst, batch.textValid, dropped), train, probe);
        Tensor logProb = out.density().logProb(soft); // [B, N]
        probe.see("text_logits", out.textLogits());
        probe.see("image_logits", out.imageRaw());
        probe.see("image_token_log_prob", logProb);
        if (probe.watches() && out.density() instanceof Mixture mixture) {
            probe.see("mixture_logits", mixture.logWeights());
            probe.see("mixture_locs", mixture.means());
            probe.see("mixture_scales", mixture.scales());
        }
        return total(batch.textFirst, dropped, costs(batch, encoded, out.textLogits(), logProb));
    }

    /** Noise on the 8-bit values, rounded and not cut to their range: cutting would change likelihood and curriculum. */
    private Tensor withRgbNoise(Batch batch, @Nullable Tensor normal, double level) {
        if (normal == null) {
            return batch.image;
        }
        Tensor noise = normal.mul(new Scalar(level)); // [B, H, W, c]
        if (!config.rgbNoiseOnImagePrefix()) {
            noise = noise.mul(batch.textFirst.view(-1, 1, 1, 1).to(noise.scalar_type()));
        }
        return batch.image
                .add(new Scalar(1.0))
                .mul(new Scalar(BitsPerDim.STEPS))
                .round()
                .add(noise)
                .round()
                .div(new Scalar(BitsPerDim.STEPS))
                .sub(new Scalar(1.0));
    }

    private Tensor dropped(Batch batch, @Nullable Tensor uniform) { // [B]
        return uniform == null
                ? torch.zeros_like(batch.textFirst)
                : uniform.le(new Scalar(config.labelDrop())).logical_and(batch.textFirst);
    }

    /** What the decoder both sees and predicts: noisy where the picture comes second, constant where it comes first. */
    private Tensor softTokens(Batch batch, Tensor soft, LossDraws draws) { // [B, N, d]
        Tensor first = batch.textFirst.view(-1, 1, 1);
        Tensor std = draws.latentStd();
        Tensor normal = draws.latent();
        if (std != null && normal != null) {
            Tensor level = std.mul(new Scalar(config.latentNoise())).mul(first.to(std.scalar_type())); // [B, 1, 1]
            soft = soft.add(level.mul(normal));
        }
        return config.stopGradPrefix() ? torch.where(first, soft, soft.detach()) : soft;
    }

    private Costs costs(Batch batch, JetFormer.Encoded encoded, Tensor textLogits, Tensor logProb) {
        Tensor scored = batch.textScored.to(textLogits.scalar_type()); // [B, L]
        Tensor nats = textLogits
                .log_softmax(2)
                .gather(2, batch.text.unsqueeze(2))
                .squeeze(2)
                .neg(); // [B, L]
        double dims = model.config().subPixels();
        Tensor tokens = logProb.sum(1).neg(); // [B]
        if (model.config().noiseDims() > 0) {
            tokens = tokens.add(BitsPerDim.gaussianNats(encoded.noise()));
        }
        double bits = 1 / Math.log(2);
        Tensor imageTokens = tokens.mul(new Scalar(bits / dims));
        Tensor logDet = encoded.logDet().div(new Scalar(dims)).sub(new Scalar(Math.log(BitsPerDim.STEPS)));
        logDet = logDet.mul(new Scalar(bits));
        return new Costs(nats.mul(scored).sum(1).div(scored.sum(1)), imageTokens.sub(logDet), imageTokens, logDet);
    }

    private Result total(Tensor textFirst, Tensor dropped, Costs costs) {
        Tensor kept = dropped.logical_not();
        Tensor imageFirst = textFirst.logical_not();
        var metrics = new LinkedHashMap<String, Tensor>();
        metrics.put("nll_text_prefix", mean(costs.text, textFirst.logical_and(kept)));
        metrics.put("nll_text_suffix", mean(costs.text, imageFirst));
        metrics.put("nll_image_prefix", mean(costs.image, imageFirst));
        metrics.put("nll_image_suffix", mean(costs.image, textFirst));
        Tensor value;
        if (config.lossOnPrefix()) {
            Tensor text = mean(costs.text, kept);
            Tensor image = costs.image.mean();
            metrics.put("nll_text", text);
            metrics.put("nll_image", image);
            metrics.put("logdet", costs.logDet.mean());
            value = text.mul(new Scalar(config.textWeight())).add(image);
        } else {
            metrics.put("nll_text", mean(costs.text, imageFirst));
            metrics.put("nll_image", mean(costs.image, textFirst));
            metrics.put("nll_image_tokens", mean(costs.imageTokens, textFirst));
            metrics.put("logdet", mean(costs.logDet, textFirst));
            value = torch.where(textFirst, costs.image, costs.text.mul(new Scalar(config.textWeight())))
                    .mean();
        }
        metrics.put("loss", value);
        return new Result(value, metrics, costs.image, costs.text);
    }

    /**
     * The loss that each example has in expectation over the two orders, with nothing dropped.
     *
     * @param second null where the text always comes first
     */
    Tensor expected(Result first, @Nullable Result second) { // [B]
        var weight = new Scalar(config.textWeight());
        boolean both = config.lossOnPrefix();
        Tensor value = both ? first.bits.add(first.nats.mul(weight)) : first.bits;
        if (second == null) {
            return value;
        }
        Tensor other = second.nats.mul(weight);
        return value.mul(new Scalar(config.textFirst()))
                .add((both ? other.add(second.bits) : other).mul(new Scalar(1 - config.textFirst())));
    }

    /** Over the chosen rows; not a number where there are none. */
    private static Tensor mean(Tensor x, Tensor where) { // [B], bool [B]
        Tensor chosen = where.to(ScalarType.Float);
        return torch.where(where, x, torch.zeros_like(x)).sum().div(chosen.sum());
    }
}
