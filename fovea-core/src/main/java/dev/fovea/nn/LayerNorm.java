package dev.fovea.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Layer normalisation over the last axis, scaled and shifted (arXiv 1607.06450). */
public record LayerNorm(Tensor weight, @Nullable Tensor bias, double eps) { // [D], [D]

    public static LayerNorm of(Params p, long width, double eps) {
        return new LayerNorm(p.get("weight", Init.ONES, width), p.get("bias", Init.ZEROS, width), eps);
    }

    /** Scaled and not shifted. */
    public static LayerNorm withoutBias(Params p, long width, double eps) {
        return new LayerNorm(p.get("weight", Init.ONES, width), null, eps);
    }

    public Tensor forward(Tensor x) { // [..., D]
        return torch.layer_norm(
                x,
                new long[] {weight.size(0)},
                new TensorOptional(weight),
                bias == null ? new TensorOptional() : new TensorOptional(bias),
                eps,
                true);
    }
}
