package dev.fovea.optim;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The decay of parameters, θ ← θ · (1 − share). */
final class Shrink {

    private Shrink() {}

    static void apply(List<Tensor> params, double share) {
        if (share == 0) {
            return;
        }
        var keep = new Scalar(1 - share);
        params.forEach(x -> x.mul_(keep));
    }
}
