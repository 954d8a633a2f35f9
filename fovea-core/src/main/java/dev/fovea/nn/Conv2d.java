package dev.fovea.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A two-dimensional convolution. */
public record Conv2d(Tensor weight, @Nullable Tensor bias, int stride, int padding) { // [out, in, row, column], [out]

    public static Conv2d of(Params p, long in, long out, int kernel, int stride, int padding, Init init) {
        return new Conv2d(
                p.get("weight", init, out, in, kernel, kernel), p.get("bias", Init.ZEROS, out), stride, padding);
    }

    /** Without a bias: for a convolution that a normalisation follows. */
    public static Conv2d withoutBias(Params p, long in, long out, int kernel, int stride, int padding, Init init) {
        return new Conv2d(p.get("weight", init, out, in, kernel, kernel), null, stride, padding);
    }

    public Tensor forward(Tensor x) { // [B, in, H, W]
        return torch.conv2d(
                x,
                weight,
                bias == null ? new TensorOptional() : new TensorOptional(bias),
                new long[] {stride, stride},
                new long[] {padding, padding},
                new long[] {1, 1},
                1); // [B, out, H', W']
    }
}
