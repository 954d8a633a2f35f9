package dev.fovea.models.gemma;

import dev.fovea.kernel.KvRows;
import dev.fovea.kernel.KvRows.Block;
import dev.fovea.kernel.KvRows.Run;
import dev.fovea.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Keys and values that the kernels keep, as float32 in order of their positions. */
record Kept(Tensor keys, Tensor values) { // [K, S, Dh] each

    /** Those of {@code count} positions, 1 or more. */
    static Kept of(KvRows rows, int first, int count) {
        var keys = new TensorVector();
        var values = new TensorVector();
        for (Run run : rows.runs(first, count, KvRows.BLOCK)) {
            Block block = run.block();
            keys.push_back(floats(rows, run, block.keys(), block.keyScales()));
            values.push_back(floats(rows, run, block.values(), block.valueScales()));
        }
        return new Kept(torch.cat(keys, 1), torch.cat(values, 1));
    }

    private static Tensor floats(KvRows rows, Run run, MemorySegment memory, MemorySegment scales) {
        boolean isInt8 = rows.format() == KvRows.Format.INT8;
        int slots = run.block().slots();
        Tensor whole = Tensors.over(
                memory.asSlice(0, (long) rows.heads() * slots * rows.headDim() * (isInt8 ? 1 : 2)),
                isInt8 ? ScalarType.Char : ScalarType.BFloat16,
                rows.heads(),
                slots,
                rows.headDim()); // [K, slots, Dh]
        Tensor x = whole.narrow(1, run.from(), run.count()).to(ScalarType.Float); // [K, count, Dh]
        if (!isInt8) {
            return x;
        }
        Tensor factors = Tensors.over(scales, ScalarType.Float, rows.heads(), slots, 1); // [K, slots, 1]
        return x.mul(factors.narrow(1, run.from(), run.count())); // [K, count, Dh]
    }
}
