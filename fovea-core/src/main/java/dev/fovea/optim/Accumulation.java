package dev.fovea.optim;

import dev.fovea.tensor.Scope;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Gradients of a large batch from slices of it that fit in memory. */
public final class Accumulation {

    private Accumulation() {}

    /**
     * Runs backward on the mean of {@code parts} losses, one at a time, so that the gradients add up in the parameters.
     * Consecutive slices of equal size and losses that are means over their slice give the gradient of the whole batch,
     * as long as no layer mixes examples.
     *
     * @param loss the scalar loss of slice {@code i}; its graph is freed before the next is built
     * @return the mean loss
     */
    public static double backward(int parts, IntFunction<Tensor> loss) {
        if (parts < 1) {
            throw new IllegalArgumentException("parts: found %d, wanted at least 1".formatted(parts));
        }
        double sum = 0;
        for (int i = 0; i < parts; i++) {
            try (var _ = new Scope()) {
                Tensor value = loss.apply(i);
                (parts == 1 ? value : value.div(new Scalar((double) parts))).backward();
                sum += value.item_double();
            }
        }
        return sum / parts;
    }
}
