package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** 8-bit weights with one scale a row ({@link PerChannel}), packed by groups of rows. */
public final class Int8Matrix extends PackedMatrix {

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int COLUMNS_A_WORD = 4;

    private final int words;

    private Int8Matrix(int rows, int columns, MemorySegment packed, Loops loops) {
        super(rows, columns, packed, groupBytes(columns), loops);
        this.words = words(columns);
    }

    private static int words(int columns) {
        return roundUp(columns, COLUMNS_A_WORD) / COLUMNS_A_WORD;
    }

    private static long groupBytes(int columns) {
        return (long) Loops.WORD_BYTES * (words(columns) + 1);
    }

    /** Bytes of packed weights and their scales. */
    public static long bytes(int rows, int columns) {
        return groupBytes(columns) * groups(rows);
    }

    /** Weights that are packed already, such as those of a mapped file; they must stay there. */
    public static Int8Matrix of(MemorySegment packed, int rows, int columns) {
        return new Int8Matrix(rows, columns, packed, Kernels.LOOPS);
    }

    /** Quantises and packs weights. */
    public static Int8Matrix of(float[] weights, int columns, Arena arena) {
        return of(PerChannel.of(weights, columns, 8), arena, Kernels.LOOPS);
    }

    /** Packs quantised weights of 8 bits. */
    public static Int8Matrix of(PerChannel weights, Arena arena) {
        return of(weights, arena, Kernels.LOOPS);
    }

    static Int8Matrix of(PerChannel weights, Arena arena, Loops loops) {
        MemorySegment packed = arena.allocate(bytes(weights.rows(), weights.columns()), Loops.WORD_BYTES);
        pack(weights, packed, 0);
        return new Int8Matrix(weights.rows(), weights.columns(), packed, loops);
    }

    /** Quantises and packs rows of a larger matrix into its memory; the first of them begins a group. */
    public static void pack(float[] weights, int columns, MemorySegment into, int firstRow) {
        pack(PerChannel.of(weights, columns, 8), into, firstRow);
    }

    private static void pack(PerChannel weights, MemorySegment into, int firstRow) {
        if (weights.bits() != 8) {
            throw new IllegalArgumentException("weights of %d bits, wanted 8".formatted(weights.bits()));
        }
        for (int r = 0; r < weights.rows(); r++) {
            long group = groupBytes(weights.columns()) * ((firstRow + r) / Loops.GROUP);
            long lane = 4L * ((firstRow + r) % Loops.GROUP);
            for (int c = 0; c < weights.columns(); c++) {
                long word = (long) Loops.WORD_BYTES * (c / COLUMNS_A_WORD);
                into.set(ValueLayout.JAVA_BYTE, group + word + lane + c % COLUMNS_A_WORD, (byte) weights.get(r, c));
            }
            float scale = weights.scales()[r];
            into.set(
                    FLOAT,
                    group + (long) Loops.WORD_BYTES * words(weights.columns()) + lane,
                    scale == 0 ? 0 : 1 / scale);
        }
    }

    @Override
    public int paddedColumns() {
        return COLUMNS_A_WORD * words;
    }

    @Override
    Matrix scrap(int rows, int columns) {
        long size = bytes(rows, columns);
        return size > bytes() ? this : new Int8Matrix(rows, columns, memory().asSlice(0, size), loops);
    }

    @Override
    public void row(int row, float[] into) {
        long at = groupBytes(columns()) * (row / Loops.GROUP) + 4L * (row % Loops.GROUP);
        float step = memory().get(FLOAT, at + (long) Loops.WORD_BYTES * words);
        for (int c = 0; c < columns(); c++) {
            long word = (long) Loops.WORD_BYTES * (c / COLUMNS_A_WORD);
            into[c] = memory().get(ValueLayout.JAVA_BYTE, at + word + c % COLUMNS_A_WORD) * step;
        }
    }

    @Override
    void multiply(long at, float[] x, float[] y, int to) {
        loops.int8(memory(), at, words, x, y, to);
    }

    @Override
    void multiplyTogether(long at, float[][] xs, float[][] ys, int to) {
        loops.int8Together(memory(), at, words, xs, ys, to);
    }

    @Override
    void unpack(long at, int first, int columns, MemorySegment into, long to, long stride) {
        long word = at + (long) Loops.WORD_BYTES * (first / COLUMNS_A_WORD);
        long steps = at + (long) Loops.WORD_BYTES * words;
        loops.unpack8(memory(), word, steps, columns / COLUMNS_A_WORD, into, to, stride);
    }
}
