package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * 4-bit weights in blocks of 32 with a bfloat16 scale, packed by groups of rows. The integers are those of {@link BlockQ4};
 * its scale is rounded to bfloat16. Columns that fill no two blocks are filled up with zeros.
 */
public final class Int4Matrix extends PackedMatrix {

    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    /** Columns of two blocks, whose scales share a word. */
    private static final int PAIR = 2 * BlockQ4.BLOCK;

    private final int pairs;

    private Int4Matrix(int rows, int columns, MemorySegment packed, Loops loops) {
        super(rows, columns, packed, groupBytes(columns), loops);
        this.pairs = pairs(columns);
    }

    private static int pairs(int columns) {
        return roundUp(columns, PAIR) / PAIR;
    }

    private static long groupBytes(int columns) {
        return (long) Loops.WORD_BYTES * Loops.NIBBLE_WORDS * pairs(columns);
    }

    /** Bytes of packed weights and their scales. */
    public static long bytes(int rows, int columns) {
        return groupBytes(columns) * groups(rows);
    }

    /** Weights that are packed already, such as those of a mapped file; they must stay there. */
    public static Int4Matrix of(MemorySegment packed, int rows, int columns) {
        return new Int4Matrix(rows, columns, packed, Kernels.LOOPS);
    }

    /** Quantises and packs weights. */
    public static Int4Matrix of(float[] weights, int columns, Arena arena) {
        return of(weights, columns, arena, Kernels.LOOPS);
    }

    static Int4Matrix of(float[] weights, int columns, Arena arena, Loops loops) {
        int rows = rows(weights, columns);
        MemorySegment packed = arena.allocate(bytes(rows, columns), Loops.WORD_BYTES);
        pack(weights, columns, packed, 0);
        return new Int4Matrix(rows, columns, packed, loops);
    }

    /** Quantises and packs rows of a larger matrix into its memory; the first of them begins a group. */
    public static void pack(float[] weights, int columns, MemorySegment into, int firstRow) {
        int pairs = pairs(columns);
        var q = new byte[BlockQ4.BLOCK];
        for (int r = 0; r < rows(weights, columns); r++) {
            float[] row = Arrays.copyOf(Arrays.copyOfRange(weights, r * columns, (r + 1) * columns), pairs * PAIR);
            long group = groupBytes(columns) * ((firstRow + r) / Loops.GROUP) + 4L * ((firstRow + r) % Loops.GROUP);
            for (int p = 0; p < pairs; p++) {
                long at = group + (long) Loops.WORD_BYTES * Loops.NIBBLE_WORDS * p;
                int scales = 0;
                for (int half = 0; half < 2; half++) {
                    float d = BlockQ4.quantise(row, p * PAIR + half * BlockQ4.BLOCK, q);
                    scales |= bf16(d) << (16 * half);
                    for (int k = 0; k < 4; k++) {
                        into.set(WORD, at + (long) Loops.WORD_BYTES * (1 + 4 * half + k), eight(q, 8 * k));
                    }
                }
                into.set(WORD, at, scales);
            }
        }
    }

    private static int eight(byte[] q, int from) {
        int word = 0;
        for (int j = 0; j < 8; j++) {
            word |= q[from + j] << (4 * j);
        }
        return word;
    }

    @Override
    public int paddedColumns() {
        return PAIR * pairs;
    }

    @Override
    Matrix scrap(int rows, int columns) {
        long size = bytes(rows, columns);
        return size > bytes() ? this : new Int4Matrix(rows, columns, memory().asSlice(0, size), loops);
    }

    @Override
    public void row(int row, float[] into) {
        long at = groupBytes(columns()) * (row / Loops.GROUP) + 4L * (row % Loops.GROUP);
        for (int c = 0; c < columns(); c++) {
            long pair = at + (long) Loops.WORD_BYTES * Loops.NIBBLE_WORDS * (c / PAIR);
            int scales = memory().get(WORD, pair);
            float scale = c % PAIR < BlockQ4.BLOCK ? Loops.low(scales) : Loops.high(scales);
            int word = memory().get(WORD, pair + (long) Loops.WORD_BYTES * (1 + c % PAIR / 8));
            into[c] = ((word >>> (4 * (c % 8)) & 0xF) - 8) * scale;
        }
    }

    @Override
    float[] prepared(float[] x, int index) {
        float[] columns = Scratch.own().vectors.get(index, loops.nibbleColumns(pairs));
        loops.nibbleColumns(x, pairs, columns);
        return columns;
    }

    @Override
    void multiply(long at, float[] x, float[] y, int to) {
        loops.int4(memory(), at, pairs, x, y, to);
    }

    @Override
    int filledFrom() {
        return loops.int4FilledFrom();
    }

    @Override
    void multiplyTogether(long at, float[][] xs, float[][] ys, int to) {
        loops.int4Together(memory(), at, pairs, xs, ys, to);
    }

    @Override
    void unpack(long at, int first, int columns, MemorySegment into, long to, long stride) {
        loops.unpack4(memory(), at + (long) Loops.WORD_BYTES * Loops.NIBBLE_WORDS * (first / PAIR), into, to, stride);
    }
}
