package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** bfloat16 weights, row-major as checkpoints store them: a mapped file is multiplied where it lies. */
public final class Bf16Matrix extends Matrix {

    private static final int ROWS = 4;

    private final MemorySegment weights;
    /** The last rows with rows of zeros behind them, where they are no whole step. */
    private final MemorySegment tail;

    private Bf16Matrix(int rows, int columns, MemorySegment weights, Loops loops) {
        super(rows, columns, loops);
        this.weights = weights;
        int rest = rows % ROWS;
        this.tail = Arena.ofAuto().allocate(Math.max(1, rest == 0 ? 0 : ROWS * 2L * columns), 64);
        if (rest > 0) {
            tail.copyFrom(weights.asSlice((rows - rest) * 2L * columns));
        }
    }

    /** Weights in native memory, {@code rows * columns} of two bytes; they must stay there. */
    public static Bf16Matrix of(MemorySegment weights, int rows, int columns) {
        return of(weights, rows, columns, Kernels.LOOPS);
    }

    static Bf16Matrix of(MemorySegment weights, int rows, int columns, Loops loops) {
        if (!weights.isNative() || weights.byteSize() != 2L * rows * columns) {
            throw new IllegalArgumentException("%d bytes of %s memory, wanted %d native ones for bfloat16 [%d, %d]"
                    .formatted(
                            weights.byteSize(),
                            weights.isNative() ? "native" : "heap",
                            2L * rows * columns,
                            rows,
                            columns));
        }
        return new Bf16Matrix(rows, columns, weights, loops);
    }

    /** Rounds weights to bfloat16. */
    public static Bf16Matrix of(float[] weights, int columns, Arena arena) {
        return of(weights, columns, arena, Kernels.LOOPS);
    }

    static Bf16Matrix of(float[] weights, int columns, Arena arena, Loops loops) {
        int rows = rows(weights, columns);
        MemorySegment packed = arena.allocate(2L * weights.length, 64);
        for (int i = 0; i < weights.length; i++) {
            packed.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN), 2L * i, (short)
                    bf16(PerChannel.finite(weights[i], i / columns, i % columns)));
        }
        return of(packed, rows, columns, loops);
    }

    @Override
    public long bytes() {
        return weights.byteSize();
    }

    @Override
    int step() {
        return ROWS;
    }

    @Override
    float[] prepared(float[] x) {
        return loops.arrange(x);
    }

    @Override
    void multiply(int i, float[][] xs, float[][] ys, int to) {
        long rowBytes = 2L * columns();
        boolean isWhole = (i + 1L) * ROWS <= rows();
        loops.bf16(isWhole ? weights : tail, isWhole ? ROWS * rowBytes * i : 0, rowBytes, columns(), xs, ys, to);
    }
}
