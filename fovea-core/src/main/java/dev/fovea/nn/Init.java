package dev.fovea.nn;

import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** How a fresh parameter is filled. Linear weights are {@code [out, in]}, convolutions {@code [out, in, row, column]}. */
@FunctionalInterface
public interface Init {

    /** Fills {@code x} in place. */
    void fill(Tensor x, GeneratorOptional generator);

    Init ZEROS = (x, _) -> x.zero_();
    Init ONES = constant(1);

    /** Uniform in ±√(6 / (fan in + fan out)) (Glorot and Bengio 2010). */
    Init XAVIER_UNIFORM = (x, g) -> {
        double limit = Math.sqrt(6.0 / (fanIn(x) + fanOut(x)));
        x.uniform_(-limit, limit, g);
    };

    /** Normal with variance 1 / fan in, cut at two standard deviations, as Flax's default for dense and convolution. */
    Init LECUN_NORMAL = (x, g) -> truncatedNormal(x, Math.sqrt(1.0 / fanIn(x)) / 0.8796256610342398, g);

    /** Normal with variance 2 / fan in (He et al. 2015), for layers before a rectifier. */
    Init HE_NORMAL = (x, g) -> x.normal_(0, Math.sqrt(2.0 / fanIn(x)), g);

    /** The whole numbers from 0, in an order drawn at random; for constants. */
    Init PERMUTATION = (x, g) -> x.copy_(torch.randperm(x.numel(), g, x.options()));

    static Init constant(double value) {
        return (x, _) -> x.fill_(new Scalar(value));
    }

    static Init normal(double standardDeviation) {
        return (x, g) -> x.normal_(0, standardDeviation, g);
    }

    private static void truncatedNormal(Tensor x, double standardDeviation, GeneratorOptional g) {
        // Inverse of the normal distribution over the part between -2 and 2 standard deviations.
        double edge = 0.9544997361036416; // erf(2 / √2)
        x.uniform_(-edge, edge, g);
        x.erfinv_();
        x.mul_(new Scalar(standardDeviation * Math.sqrt(2)));
    }

    private static long fanIn(Tensor x) {
        return x.dim() < 2 ? x.numel() : x.numel() / x.size(0);
    }

    private static long fanOut(Tensor x) {
        return x.dim() < 2 ? x.numel() : x.size(0) * (x.numel() / (x.size(0) * x.size(1)));
    }
}
