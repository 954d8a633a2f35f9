package dev.fovea.optim;

import dev.fovea.optim.OptimConfig.Multiplier;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The gradients of a step: gathered from the parameters, measured, scaled and cleared. */
final class Gradients {

    private static final NativeOperator NORMS = NativeOperator.of("_foreach_norm", "Scalar");

    private final SequencedMap<String, Tensor> params;
    private final Map<String, Integer> scaleOf;
    private final List<Multiplier> scales;

    Gradients(OptimConfig c, SequencedMap<String, Tensor> params) {
        this.params = params;
        scales = c.gradScales();
        scaleOf = Assignment.match("gradScales", scales, params.keySet());
    }

    /** One gradient a parameter, in their order, contiguous; zeros where the loss does not depend on the parameter. */
    List<Tensor> gather() {
        var gradients = new ArrayList<Tensor>(params.size());
        boolean any = false;
        for (var entry : params.entrySet()) {
            Tensor g = entry.getValue().grad();
            any |= g.defined();
            g = g.defined() ? g.contiguous() : torch.zeros_like(entry.getValue());
            gradients.add(scaled(g, Assignment.valueOf(scales, scaleOf.get(entry.getKey()), 1)));
        }
        if (!any) {
            throw new IllegalStateException(
                    "none of the %d parameters has a gradient; run backward on a loss of trainable parameters first"
                            .formatted(params.size()));
        }
        return gradients;
    }

    /** Length of all gradients together; an error that names the first parameter whose gradient is not finite. */
    double norm(List<Tensor> gradients, long step) {
        TensorVector norms = NORMS.call(NativeOperator.list(gradients), new IValue(2.0), new IValue())
                .get(0)
                .toTensorVector();
        double[] lengths = Tensors.toDoubles(torch.stack(norms));
        double sum = 0;
        for (double length : lengths) {
            sum += length * length;
        }
        if (!Double.isFinite(sum)) {
            int i = 0;
            for (String name : params.keySet()) {
                if (!Double.isFinite(lengths[i])) {
                    throw new DivergedException(
                            "step %d: the gradient of %s is not finite (its length is %s); nothing was updated"
                                    .formatted(step, name, lengths[i]));
                }
                i++;
            }
        }
        return Math.sqrt(sum);
    }

    /** Drops the gradients, so that the next backward hands over its own without an addition. */
    void clear() {
        for (Tensor x : params.values()) {
            x.mutable_grad().reset();
        }
    }

    static void limit(List<Tensor> gradients, double largest) {
        var low = new ScalarOptional(new Scalar(-largest));
        var high = new ScalarOptional(new Scalar(largest));
        gradients.forEach(g -> g.clamp_(low, high));
    }

    /** {@code g} times {@code factor}, in place. */
    static Tensor scaled(Tensor g, double factor) {
        return factor == 1 ? g : g.mul_(new Scalar(factor));
    }
}
