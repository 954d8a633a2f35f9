package dev.fovea.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** 8-bit weights with one scale a row ({@link PerChannel}), packed by groups of rows. */
public final class Int8Matrix extends Matrix {

    private static final int COLUMNS_A_WORD = 4;

    private final MemorySegment packed;
    private final float[] steps;
    private final int words;

    private Int8Matrix(int rows, int columns, MemorySegment packed, float[] steps, Loops loops) {
        super(rows, columns, loops);
        this.packed = packed;
        this.steps = steps;
        this.words = roundUp(columns, COLUMNS_A_WORD) / COLUMNS_A_WORD;
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
        if (weights.bits() != 8) {
            throw new IllegalArgumentException("weights of %d bits, wanted 8".formatted(weights.bits()));
        }
        int lanes = loops.lanes();
        int words = roundUp(weights.columns(), COLUMNS_A_WORD) / COLUMNS_A_WORD;
        int padded = roundUp(weights.rows(), lanes);
        MemorySegment packed = arena.allocate(4L * padded * words, 64); // zeros
        for (int r = 0; r < weights.rows(); r++) {
            long row = 4L * (r / lanes) * lanes * words + 4L * (r % lanes);
            for (int c = 0; c < weights.columns(); c++) {
                packed.set(ValueLayout.JAVA_BYTE, row + 4L * (c / COLUMNS_A_WORD) * lanes + c % COLUMNS_A_WORD, (byte)
                        weights.get(r, c));
            }
        }
        float[] steps = new float[padded];
        for (int r = 0; r < weights.rows(); r++) {
            steps[r] = weights.scales()[r] == 0 ? 0 : 1 / weights.scales()[r];
        }
        return new Int8Matrix(weights.rows(), weights.columns(), packed, steps, loops);
    }

    @Override
    public long bytes() {
        return packed.byteSize() + 4L * steps.length;
    }

    @Override
    int step() {
        return loops.lanes();
    }

    @Override
    float[] prepared(float[] x) {
        return x.length == COLUMNS_A_WORD * words ? x : Arrays.copyOf(x, COLUMNS_A_WORD * words);
    }

    @Override
    void multiply(int i, float[][] xs, float[][] ys, int to) {
        int lanes = loops.lanes();
        loops.int8(packed, 4L * i * lanes * words, words, xs, ys, to);
        for (float[] y : ys) {
            for (int lane = 0; lane < lanes; lane++) {
                y[to + lane] *= steps[i * lanes + lane];
            }
        }
    }
}
