package dev.fovea.nn;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Root-mean-square normalisation over the last axis in Gemma's form, x · rsqrt(mean(x²) + ε) · (1 + w) (arXiv 1910.07467),
 * in float32 whatever the type of x, the factor 1 + w included; the result has the type of x.
 */
public record RmsNorm(Tensor weight, double eps) { // [D]

    public static RmsNorm of(Params p, long width, double eps) {
        return new RmsNorm(p.get("weight", Init.ZEROS, width), eps);
    }

    public Tensor forward(Tensor x) { // [..., D]
        Tensor factor = weight.to(ScalarType.Float).add(new Scalar(1.0)); // [D]
        return torch.rms_norm(
                        x.to(ScalarType.Float),
                        new long[] {weight.size(0)},
                        new TensorOptional(factor),
                        new DoubleOptional(eps))
                .to(x.scalar_type()); // [..., D]
    }
}
