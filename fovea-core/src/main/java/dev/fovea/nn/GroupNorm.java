package dev.fovea.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Normalisation over groups of channels of a picture, scaled and shifted (arXiv 1803.08494). */
public record GroupNorm(Tensor weight, Tensor bias, long groups, double eps) { // [C], [C]

    public static GroupNorm of(Params p, long channels, long groups, double eps) {
        if (channels % groups != 0) {
            throw new IllegalArgumentException(
                    "%d channels do not split into %d groups of equal size".formatted(channels, groups));
        }
        return new GroupNorm(p.get("weight", Init.ONES, channels), p.get("bias", Init.ZEROS, channels), groups, eps);
    }

    public Tensor forward(Tensor x) { // [B, C, H, W]
        // Channels-last input without a gradient of its own kills the process in libtorch 2.7.1's backward.
        return torch.group_norm(
                x.contiguous(), groups, new TensorOptional(weight), new TensorOptional(bias), eps, true);
    }
}
