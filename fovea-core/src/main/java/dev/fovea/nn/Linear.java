package dev.fovea.nn;

import dev.fovea.tensor.Ops;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** y = x Wᵀ + b, over the last axis. */
public record Linear(Tensor weight, @Nullable Tensor bias) { // [out, in], [out]

    public static Linear of(Params p, long in, long out, Init weight, Init bias) {
        return new Linear(p.get("weight", weight, out, in), p.get("bias", bias, out));
    }

    public static Linear of(Params p, long in, long out) {
        return of(p, in, out, Init.XAVIER_UNIFORM, Init.ZEROS);
    }

    /** y = x Wᵀ. */
    public static Linear withoutBias(Params p, long in, long out, Init weight) {
        return new Linear(p.get("weight", weight, out, in), null);
    }

    public Tensor forward(Tensor x) { // [..., in]
        return Ops.linear(x, weight, bias); // [..., out]
    }
}
