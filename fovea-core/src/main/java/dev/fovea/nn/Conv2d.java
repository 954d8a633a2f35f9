package dev.fovea.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A two-dimensional convolution.
 *
 * <p>oneDNN 3.7 (libtorch 2.7) keeps channels in blocks as wide as a vector and reads what it has not written where a block is
 * not full: with a NaN in that memory the result is NaN, and so is the gradient of {@code x} where the outputs do not fill
 * theirs. Channels are therefore filled up with zeros here, in front of it; where they fill their blocks this costs nothing.
 */
public record Conv2d(
        Tensor weight, // [out, in, row, column]
        @Nullable Tensor bias, // [out]
        int stride,
        int rowPadding,
        int columnPadding) {

    /** Floats in the widest vector; narrower ones divide it. */
    private static final long BLOCK = 16;

    /** Up to so many input channels are read as they lie, without blocks. */
    private static final long FLAT = 3;

    /** The same padding on all sides. */
    public Conv2d(Tensor weight, @Nullable Tensor bias, int stride, int padding) {
        this(weight, bias, stride, padding, padding);
    }

    public static Conv2d of(Params p, long in, long out, int kernel, int stride, int padding, Init init) {
        return new Conv2d(
                p.get("weight", init, out, in, kernel, kernel), p.get("bias", Init.ZEROS, out), stride, padding);
    }

    /** Without a bias: for a convolution that a normalisation follows. */
    public static Conv2d withoutBias(Params p, long in, long out, int kernel, int stride, int padding, Init init) {
        return new Conv2d(p.get("weight", init, out, in, kernel, kernel), null, stride, padding);
    }

    public Tensor forward(Tensor x) { // [B, in, H, W]
        long in = weight.size(1);
        long out = weight.size(0);
        long moreIn = x.is_cpu() && in > FLAT ? missing(in) : 0;
        long moreOut = x.is_cpu() && x.requires_grad() ? missing(out) : 0;
        if (moreIn == 0 && moreOut == 0) {
            return convolve(x, weight, bias);
        }
        Tensor filled = moreIn == 0 ? x : torch.constant_pad_nd(x, new long[] {0, 0, 0, 0, 0, moreIn});
        Tensor filters = torch.constant_pad_nd(weight, new long[] {0, 0, 0, 0, 0, moreIn, 0, moreOut});
        Tensor shifts = bias == null || moreOut == 0 ? bias : torch.constant_pad_nd(bias, new long[] {0, moreOut});
        return convolve(filled, filters, shifts).narrow(1, 0, out); // [B, out, H', W']
    }

    private static long missing(long channels) {
        return Math.ceilDiv(channels, BLOCK) * BLOCK - channels;
    }

    private Tensor convolve(Tensor x, Tensor filters, @Nullable Tensor shifts) {
        return torch.conv2d(
                x,
                filters,
                shifts == null ? new TensorOptional() : new TensorOptional(shifts),
                new long[] {stride, stride},
                new long[] {rowPadding, columnPadding},
                new long[] {1, 1},
                1);
    }
}
