package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** bfloat16 weights, row-major as checkpoints store them: a mapped file is multiplied where it lies. */
public final class Bf16Matrix extends Matrix {

    private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int ROWS = 4;

    /** The last rows with rows of zeros behind them, where they are no whole step. */
    private final MemorySegment tail;

    private Bf16Matrix(int rows, int columns, MemorySegment weights, Loops loops) {
        super(rows, columns, weights, bytes(rows, columns), loops);
        int rest = rows % ROWS;
        this.tail = Arena.ofAuto().allocate(Math.max(1, rest == 0 ? 0 : ROWS * 2L * columns), 64);
        if (rest > 0) {
            tail.copyFrom(weights.asSlice((rows - rest) * 2L * columns));
        }
    }

    /** Bytes of the weights. */
    public static long bytes(int rows, int columns) {
        return 2L * rows * columns;
    }

    /** Weights in native memory, {@code rows * columns} of two bytes; they must stay there. */
    public static Bf16Matrix of(MemorySegment weights, int rows, int columns) {
        return new Bf16Matrix(rows, columns, weights, Kernels.LOOPS);
    }

    /** Rounds weights to bfloat16. */
    public static Bf16Matrix of(float[] weights, int columns, Arena arena) {
        return of(weights, columns, arena, Kernels.LOOPS);
    }

    static Bf16Matrix of(float[] weights, int columns, Arena arena, Loops loops) {
        int rows = rows(weights, columns);
        MemorySegment packed = arena.allocate(bytes(rows, columns), Loops.WORD_BYTES);
        pack(weights, columns, packed, 0);
        return new Bf16Matrix(rows, columns, packed, loops);
    }

    /** Rounds rows of a larger matrix into its memory. */
    public static void pack(float[] weights, int columns, MemorySegment into, int firstRow) {
        long at = 2L * firstRow * columns;
        for (int i = 0; i < weights.length; i++) {
            float x = PerChannel.finite(weights[i], i / columns, i % columns);
            into.set(BF16, at + 2L * i, (short) bf16(x));
        }
    }

    @Override
    Matrix scrap(int rows, int columns) {
        long size = bytes(rows, columns);
        return size > bytes() ? this : new Bf16Matrix(rows, columns, memory().asSlice(0, size), loops);
    }

    @Override
    public void row(int row, float[] into) {
        for (int c = 0; c < columns(); c++) {
            into[c] = Loops.low(memory().get(BF16, 2L * ((long) row * columns() + c)));
        }
    }

    @Override
    int step() {
        return ROWS;
    }

    @Override
    float[] prepared(float[] x, int index) {
        float[] arranged = Scratch.own().vectors.get(index, x.length);
        loops.rows().arrange(x, arranged);
        return arranged;
    }

    @Override
    void multiply(int i, float[][] xs, float[][] ys, int to, float[] lanes) {
        long rowBytes = 2L * columns();
        boolean isWhole = (i + 1L) * ROWS <= rows();
        loops.rows()
                .bf16(
                        isWhole ? memory() : tail,
                        isWhole ? ROWS * rowBytes * i : 0,
                        rowBytes,
                        columns(),
                        xs,
                        ys,
                        to,
                        lanes);
    }
}
