package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * 4-bit weights in blocks of 32 with a bfloat16 scale, packed by groups of rows. The integers are those of {@link BlockQ4},
 * less 8; its scale is rounded to bfloat16.
 */
public final class Int4Matrix extends Matrix {

    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    /** Columns of two blocks, whose scales share a word. */
    private static final int PAIR = 2 * BlockQ4.BLOCK;
    /** Words of a pair: the scales, and eight columns each. */
    private static final int WORDS = 1 + PAIR / 8;

    private final MemorySegment packed;
    private final int pairs;

    private Int4Matrix(int rows, int columns, MemorySegment packed, Loops loops) {
        super(rows, columns, loops);
        this.packed = packed;
        this.pairs = roundUp(columns, PAIR) / PAIR;
    }

    /** Quantises and packs weights; columns that fill no block are filled up with zeros. */
    public static Int4Matrix of(float[] weights, int columns, Arena arena) {
        return of(weights, columns, arena, Kernels.LOOPS);
    }

    static Int4Matrix of(float[] weights, int columns, Arena arena, Loops loops) {
        int rows = rows(weights, columns);
        int lanes = loops.lanes();
        int pairs = roundUp(columns, PAIR) / PAIR;
        MemorySegment packed = arena.allocate(4L * WORDS * pairs * roundUp(rows, lanes), 64);
        var q = new byte[BlockQ4.BLOCK];
        for (int r = 0; r < rows; r++) {
            float[] row = Arrays.copyOf(Arrays.copyOfRange(weights, r * columns, (r + 1) * columns), pairs * PAIR);
            long group = 4L * (r / lanes) * lanes * WORDS * pairs + 4L * (r % lanes);
            for (int p = 0; p < pairs; p++) {
                int scales = 0;
                for (int half = 0; half < 2; half++) {
                    float d = BlockQ4.quantise(row, p * PAIR + half * BlockQ4.BLOCK, q);
                    scales |= bf16(d) << (16 * half);
                    for (int k = 0; k < 4; k++) {
                        packed.set(WORD, group + 4L * lanes * (p * WORDS + 1 + 4 * half + k), eight(q, 8 * k));
                    }
                }
                packed.set(WORD, group + 4L * lanes * p * WORDS, scales);
            }
        }
        return new Int4Matrix(rows, columns, packed, loops);
    }

    private static int eight(byte[] q, int from) {
        int word = 0;
        for (int j = 0; j < 8; j++) {
            word |= (q[from + j] - 8 & 0xF) << (4 * j);
        }
        return word;
    }

    @Override
    public long bytes() {
        return packed.byteSize();
    }

    @Override
    int step() {
        return loops.lanes();
    }

    @Override
    float[] prepared(float[] x) {
        return x.length == PAIR * pairs ? x : Arrays.copyOf(x, PAIR * pairs);
    }

    @Override
    void multiply(int i, float[][] xs, float[][] ys, int to) {
        loops.int4(packed, 4L * i * loops.lanes() * WORDS * pairs, pairs, xs, ys, to);
    }
}
