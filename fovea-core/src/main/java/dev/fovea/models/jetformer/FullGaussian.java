package dev.fovea.models.jetformer;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One Gaussian with full covariance L Lᵀ for each soft token.
 *
 * @param scale L, lower triangular
 */
public record FullGaussian(Tensor mean, Tensor scale) implements SoftDensity { // [B, T, d], [B, T, d, d]

    /** From the head's outputs, laid out as [d × d raw scales | d means]; only the lower triangle is used. */
    public static FullGaussian of(Tensor raw, int dims, double floor, Temperatures temperatures) { // [B, T, d·d + d]
        Tensor square = Mixture.squarePlus(raw.narrow(2, 0, (long) dims * dims)).unflatten(2, dims, dims);
        Tensor least = torch.eye(dims, square.options()).mul(new Scalar(floor));
        return new FullGaussian(
                raw.narrow(2, (long) dims * dims, dims),
                square.maximum(least).mul(new Scalar(temperatures.scales())).tril());
    }

    @Override
    public Tensor logProb(Tensor x) { // [B, T, d]
        Tensor white = torch.linalg_solve_triangular(scale, x.sub(mean).unsqueeze(3), false)
                .squeeze(3); // [B, T, d]
        Tensor logDet = scale.diagonal(0, -2, -1).log().sum(-1); // [B, T]
        return white.square()
                .sum(-1)
                .mul(new Scalar(-0.5))
                .sub(logDet)
                .sub(new Scalar(0.5 * Math.log(2 * Math.PI) * x.size(2))); // [B, T]
    }

    @Override
    public Tensor sample(Draws draws) {
        return mean.add(scale.matmul(draws.normal(mean).unsqueeze(3)).squeeze(3)); // [B, T, d]
    }
}
