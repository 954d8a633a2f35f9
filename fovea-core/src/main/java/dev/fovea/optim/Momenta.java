package dev.fovea.optim;

import dev.fovea.optim.Rule.Momentum;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Moving averages of gradients, one a parameter, kept in the parameter's number format or in bfloat16. In bfloat16 the
 * decay is rounded to that format too, as in JAX, where a Python number takes the format of the array beside it: a decay
 * of 0.9 is 0.8984 there.
 */
final class Momenta {

    private final List<Tensor> averages;
    private final boolean half;
    private final boolean productRounded;

    Momenta(String prefix, Momentum type, List<String> names, List<Tensor> params, State state) {
        half = type != Momentum.FULL;
        productRounded = type == Momentum.BFLOAT16_UNCOMPILED;
        averages = IntStream.range(0, params.size())
                .mapToObj(i -> state.add(prefix + names.get(i), () -> zeros(params.get(i))))
                .toList();
    }

    private Tensor zeros(Tensor x) {
        Tensor zeros = torch.zeros_like(x);
        return half ? zeros.to(ScalarType.BFloat16) : zeros;
    }

    /**
     * decay · average + share · x of parameter {@code i}, unrounded. Where the average has the parameter's format this is
     * the average itself, moved on; else hand the result to {@link #keep}.
     */
    Tensor moved(int i, double decay, double share, Tensor x) {
        Tensor average = averages.get(i);
        Tensor kept = half ? decayed(average, decay, x) : average.mul_(new Scalar(decay));
        return kept.add_(x, new Scalar(share));
    }

    /** decay · average + share · x of parameter {@code i}, with the average left as it is. */
    Tensor mixed(int i, double decay, double share, Tensor x) {
        Tensor average = averages.get(i);
        Tensor kept = half ? decayed(average, decay, x) : average.mul(new Scalar(decay));
        return kept.add_(x, new Scalar(share));
    }

    private Tensor decayed(Tensor average, double decay, Tensor x) {
        var rounded = new Scalar(rounded(decay));
        return productRounded
                ? average.mul(rounded).to(x.scalar_type())
                : average.to(x.scalar_type()).mul_(rounded);
    }

    /** Rounds the moved average of parameter {@code i} to the state. */
    void keep(int i, Tensor moved) {
        if (half) {
            averages.get(i).copy_(moved);
        }
    }

    /** Nearest bfloat16, halves to even. */
    private static double rounded(double x) {
        int bits = Float.floatToRawIntBits((float) x);
        return Float.intBitsToFloat((bits + 0x7FFF + ((bits >>> 16) & 1)) & 0xFFFF0000);
    }
}
