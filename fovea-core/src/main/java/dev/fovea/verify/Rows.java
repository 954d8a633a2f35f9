package dev.fovea.verify;

import dev.fovea.tensor.Tensors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Recorded ids as rows of Java. */
final class Rows {

    private Rows() {}

    /** The rows of ids {@code [B, T]}, without what the mask says is padding. */
    static int[][] of(Tensor ids, @Nullable Tensor mask) {
        int width = (int) ids.size(1);
        int[] all = Tensors.toInts(ids);
        int[] real = mask == null ? null : Tensors.toInts(mask);
        var rows = new int[(int) ids.size(0)][];
        for (int row = 0; row < rows.length; row++) {
            int start = row * width;
            rows[row] = IntStream.range(start, start + width)
                    .filter(i -> real == null || real[i] != 0)
                    .map(i -> all[i])
                    .toArray();
        }
        return rows;
    }
}
