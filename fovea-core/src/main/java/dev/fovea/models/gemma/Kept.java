package dev.fovea.models.gemma;

import dev.fovea.kernel.KvRows;
import dev.fovea.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Keys and values that the kernels keep, as float32 in order of their positions. */
record Kept(Tensor keys, Tensor values) { // [K, S, Dh] each

    /** Those of {@code count} positions, 1 or more. */
    static Kept of(KvRows rows, int first, int count) {
        Tensor keys = torch.empty(rows.heads(), count, rows.headDim());
        Tensor values = torch.empty(rows.heads(), count, rows.headDim());
        rows.copy(first, count, Tensors.segment(keys), Tensors.segment(values));
        return new Kept(keys, values);
    }
}
