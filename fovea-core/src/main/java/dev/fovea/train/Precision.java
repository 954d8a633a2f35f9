package dev.fovea.train;

import dev.fovea.tensor.Autocast;
import dev.fovea.tensor.Engine;
import org.jspecify.annotations.Nullable;

/** Arithmetic of the forward pass. Parameters, gradients and the optimizer are float32 in every case. */
public enum Precision {
    FP32,
    /** bfloat16 products under libtorch's autocast, also where the machine has no instructions for it. */
    BF16,
    /** {@link #BF16} where the machine multiplies it in hardware, else {@link #FP32}. */
    AUTO;

    /** FP32 or BF16. */
    public Precision here() {
        if (this != AUTO) {
            return this;
        }
        return Engine.device().is_cuda() || Engine.hasFastBf16() ? BF16 : FP32;
    }

    /** Autocast to close after the forward pass, or null for float32. */
    @Nullable
    Autocast open() {
        return here() == BF16 ? Autocast.bf16() : null;
    }
}
