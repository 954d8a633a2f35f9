package dev.fovea.models.jetformer;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Classifier-free guidance of a soft token: one component of the conditional mixture, the same of the unconditional, and
 * for each entry the density proportional to N(μ_c, σ_c)^(1 + w) / N(μ_u, σ_u)^w.
 */
public record Guided(Tensor meanC, Tensor scaleC, Tensor meanU, Tensor scaleU, double weight) { // [B, T, d] each

    private static final double REACH = 10;
    private static final int POINTS = 1001;
    private static final double WIDER = 2;

    public static Guided of(Mixture conditional, Mixture unconditional, double weight, Tensor gumbel) { // [B, T, K]
        Tensor component = conditional.component(gumbel); // [B, T, K]
        return new Guided(
                Mixture.pick(component, conditional.means()),
                Mixture.pick(component, conditional.scales()),
                Mixture.pick(component, unconditional.means()),
                Mixture.pick(component, unconditional.scales()),
                weight);
    }

    /** Up to a constant, by entry. */
    public Tensor logDensity(Tensor x) { // [..., B, T, d]
        return Mixture.logNormal(x, meanC, scaleC)
                .mul(new Scalar(1 + weight))
                .sub(Mixture.logNormal(x, meanU, scaleU).mul(new Scalar(weight)));
    }

    /**
     * The density in closed form: with precision λ = (1 + w)/σ_c² − w/σ_u² above 0 it is a Gaussian of variance 1/λ and
     * mean ((1 + w) μ_c/σ_c² − w μ_u/σ_u²)/λ; otherwise it cannot be normalised and the conditional stands in.
     */
    public Tensor sample(Tensor normal) { // [B, T, d]
        Tensor own = scaleC.square().reciprocal().mul(new Scalar(1 + weight));
        Tensor other = scaleU.square().reciprocal().mul(new Scalar(weight));
        Tensor precision = own.sub(other);
        Tensor proper = precision.gt(new Scalar(0.0));
        Tensor safe = torch.where(proper, precision, torch.ones_like(precision));
        Tensor mean = own.mul(meanC).sub(other.mul(meanU)).div(safe);
        return torch.where(proper, mean.add(safe.rsqrt().mul(normal)), meanC.add(scaleC.mul(normal))); // [B, T, d]
    }

    /**
     * The reference's bound for rejection: the largest density over points within 10 of the conditional mean, by the
     * proposal's density at its own mean. Heuristic: away from the mean the envelope lies below the density.
     */
    public Tensor factor() {
        Tensor points = torch.linspace(new Scalar(-REACH), new Scalar(REACH), POINTS, meanC.options())
                .view(-1, 1, 1, 1); // [P, 1, 1, 1]
        Tensor largest = logDensity(meanC.unsqueeze(0).add(points)).exp().amax(new long[] {0}, false);
        return largest.div(proposal(meanC).exp()); // [B, T, d]
    }

    private Tensor proposalScale() {
        return scaleC.maximum(scaleU).mul(new Scalar(WIDER));
    }

    private Tensor proposal(Tensor x) {
        return Mixture.logNormal(x, meanC, proposalScale());
    }

    /**
     * The first of the proposed values that is accepted, by entry, as the reference draws them; the conditional where none
     * is.
     *
     * @param normal standard normal draws of the proposals
     * @param uniform draws on [0, 1) that decide
     * @param fallback standard normal draws of the conditional
     */
    public Tensor rejectionSample(Tensor normal, Tensor uniform, Tensor fallback) { // [R, B, T, d] twice, [B, T, d]
        Tensor x = meanC.add(proposalScale().mul(normal)); // [R, B, T, d]
        Tensor accepted =
                uniform.mul(factor().mul(proposal(x).exp())).lt(logDensity(x).exp()); // [R, B, T, d]
        Tensor first = accepted.to(ScalarType.Byte).argmax(new LongOptional(0), true); // [1, B, T, d]
        return torch.where(
                accepted.any(0), x.gather(0, first).squeeze(0), meanC.add(scaleC.mul(fallback))); // [B, T, d]
    }
}
