package dev.fovea.models.jet;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Mean and standard deviation of values that come in pieces. */
public final class Moments {

    private double count;
    private double sum;
    private double squares;

    /** Adds all values of a tensor. */
    public void add(Tensor x) {
        Tensor wide = x.to(ScalarType.Double);
        count += x.numel();
        sum += wide.sum().item_double();
        squares += wide.square().sum().item_double();
    }

    /** Not a number where nothing was added. */
    public double mean() {
        return sum / count;
    }

    /** Of the population; not a number where nothing was added. */
    public double std() {
        return Math.sqrt(Math.max(0, squares / count - mean() * mean()));
    }
}
