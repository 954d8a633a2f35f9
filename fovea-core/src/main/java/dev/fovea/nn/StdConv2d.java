package dev.fovea.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A convolution without a bias whose filters have mean 0 and variance 1 (biased, ε 1e-10) whatever the parameter holds: weight
 * standardisation (arXiv 1903.10520), for convolutions that a {@link GroupNorm} follows.
 */
public record StdConv2d(Conv2d conv) {

    private static final double EPS = 1e-10;

    public static StdConv2d of(Params p, long in, long out, int kernel, int stride, int padding, Init init) {
        return new StdConv2d(Conv2d.withoutBias(p, in, out, kernel, stride, padding, init));
    }

    public Tensor forward(Tensor x) { // [B, in, H, W]
        Tensor filters = conv.weight().flatten(1, -1); // [out, in·row·column]
        Tensor standard = torch.layer_norm(
                        filters, new long[] {filters.size(1)}, new TensorOptional(), new TensorOptional(), EPS, true)
                .view_as(conv.weight());
        return new Conv2d(standard, null, conv.stride(), conv.rowPadding(), conv.columnPadding())
                .forward(x); // [B, out, H', W']
    }
}
