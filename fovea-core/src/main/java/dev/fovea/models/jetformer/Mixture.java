package dev.fovea.models.jetformer;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Mixtures of Gaussians with diagonal covariance, one for each soft token: p(s) = Σ_k π_k Π_d N(s_d; μ_kd, σ_kd). The
 * head's outputs are laid out as [K logits | K × (d means, d raw scales)]; a scale is the square-plus of the raw one,
 * (a + √(a² + 4)) / 2, and at least the floor.
 *
 * @param raw the head's outputs, in float32 or float64
 * @param numMixtures K
 * @param floor of the scales, before temperature
 * @param temperatures multiply scales and mixture logits
 */
public record Mixture(Tensor raw, int numMixtures, double floor, Temperatures temperatures) // [B, T, K + 2·K·d]
        implements SoftDensity {

    /** Of the head's outputs in any type. */
    public static Mixture of(
            Tensor raw, int numMixtures, double floor, Temperatures temperatures) { // [B, T, K + 2·K·d]
        return new Mixture(
                raw.to(raw.scalar_type() == ScalarType.Double ? ScalarType.Double : ScalarType.Float),
                numMixtures,
                floor,
                temperatures);
    }

    /** log π, normalised. */
    public Tensor logWeights() {
        return raw.narrow(2, 0, numMixtures)
                .mul(new Scalar(temperatures.weights()))
                .log_softmax(2); // [B, T, K]
    }

    /** μ. */
    public Tensor means() {
        return parts().select(3, 0); // [B, T, K, d]
    }

    /** σ. */
    public Tensor scales() {
        return scales(parts().select(3, 1)); // [B, T, K, d]
    }

    /** Means and raw scales. */
    Tensor parts() {
        long rest = raw.size(2) - numMixtures;
        return raw.narrow(2, numMixtures, rest).unflatten(2, numMixtures, 2, rest / numMixtures / 2); // [B, T, K, 2, d]
    }

    Tensor scales(Tensor rawScales) {
        return squarePlus(rawScales).clamp_min(new Scalar(floor)).mul(new Scalar(temperatures.scales()));
    }

    /** (a + √(a² + 4)) / 2: 1 at 0, positive everywhere. */
    static Tensor squarePlus(Tensor a) {
        return a.add(a.square().add(new Scalar(4)).sqrt()).mul(new Scalar(0.5));
    }

    @Override
    public Tensor logProb(Tensor x) { // [B, T, d]
        return x.numel() * numMixtures <= MixtureChunks.LARGEST
                ? torch.logsumexp(logWeights().add(logComponents(x, parts())), 2) // [B, T]
                : MixtureChunks.logProb(this, x, MixtureChunks.LARGEST);
    }

    /** log N(x; μ, σ) of components given by their means and raw scales. */
    Tensor logComponents(Tensor x, Tensor parts) { // [B, T, d], [B, T, k, 2, d]
        return logNormal(x.unsqueeze(2), parts.select(3, 0), scales(parts.select(3, 1)))
                .sum(3); // [B, T, k]
    }

    /** Of the whole mixture. */
    public Tensor mean() {
        return weights().mul(means()).sum(2); // [B, T, d]
    }

    /** Of the whole mixture, by entry. */
    public Tensor variance() {
        Tensor second = weights().mul(scales().square().add(means().square())).sum(2);
        return second.sub(mean().square()); // [B, T, d]
    }

    private Tensor weights() {
        return logWeights().exp().unsqueeze(3); // [B, T, K, 1]
    }

    /** A component by Gumbel's trick, then its Gaussian. */
    public Tensor sample(Tensor gumbel, Tensor normal) { // [B, T, K], [B, T, K, d]
        return pick(component(gumbel), means().add(scales().mul(normal))); // [B, T, d]
    }

    @Override
    public Tensor sample(Draws draws) {
        return sample(draws.gumbel(logWeights()), draws.normal(means()));
    }

    /** The component that the draws choose, one-hot. */
    Tensor component(Tensor gumbel) { // [B, T, K]
        Tensor best = logWeights().add(gumbel).argmax(new LongOptional(2), false); // [B, T]
        return torch.one_hot(best, numMixtures).to(raw.scalar_type()); // [B, T, K]
    }

    static Tensor pick(Tensor component, Tensor values) { // one-hot [B, T, K], [B, T, K, d]
        return values.mul(component.unsqueeze(3)).sum(2); // [B, T, d]
    }

    /** log N(x; μ, σ), by entry. */
    static Tensor logNormal(Tensor x, Tensor mean, Tensor scale) {
        return x.sub(mean)
                .div(scale)
                .square()
                .mul(new Scalar(-0.5))
                .sub(scale.log())
                .sub(new Scalar(0.5 * Math.log(2 * Math.PI)));
    }
}
