package dev.fovea.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Weights {@code [rows, columns]} in native memory that can be multiplied with vectors. */
public abstract sealed class Matrix permits Bf16Matrix, WidenedMatrix {

    /** Vectors that are multiplied in one reading of the weights. */
    public static final int TOGETHER = Loops.TOGETHER;

    private final int rows;
    private final int columns;
    private final MemorySegment memory;
    final Loops loops;

    Matrix(int rows, int columns, MemorySegment memory, long wantedBytes, Loops loops) {
        if (!memory.isNative() || memory.byteSize() != wantedBytes) {
            throw new IllegalArgumentException("%d bytes of %s memory, wanted %d native ones for %s [%d, %d]"
                    .formatted(
                            memory.byteSize(),
                            memory.isNative() ? "native" : "heap",
                            wantedBytes,
                            getClass().getSimpleName(),
                            rows,
                            columns));
        }
        this.rows = rows;
        this.columns = columns;
        this.memory = memory;
        this.loops = loops;
    }

    public final int rows() {
        return rows;
    }

    public final int columns() {
        return columns;
    }

    /** The weights and scales as they lie in memory, and may lie in a file. */
    public final MemorySegment memory() {
        return memory;
    }

    /** To be asked before loops that check nothing any more: who closes memory does so when no product runs ({@link Workers#close}). */
    final void requireOpen() {
        if (!memory.scope().isAlive()) {
            throw new IllegalStateException("the weights of this matrix are closed");
        }
    }

    /** Bytes that a product reads: weights and scales. */
    public final long bytes() {
        return memory.byteSize();
    }

    /** A smaller matrix at the beginning of this one's memory, whose numbers mean nothing; this one where it has no room. */
    abstract Matrix scrap(int rows, int columns);

    /** What a row's weights stand for, into {@code into[0 .. columns)}. */
    public abstract void row(int row, float[] into);

    /** {@code y = W x}: {@code x} of {@link #columns()}, {@code y} of {@link #rows()}. */
    public final void times(float[] x, float[] y, Workers workers) {
        times(new float[][] {x}, new float[][] {y}, workers);
    }

    /**
     * {@code y = W x} for several vectors; the weights are read once for each {@value #TOGETHER} of them. Each gets bit for bit what
     * it gets alone, so that a text does not depend on how many of its tokens were looked at together.
     */
    public final void times(float[][] xs, float[][] ys, Workers workers) {
        new Stacked(List.of(this)).times(xs, ys, workers);
    }

    /** From so many vectors on a product of {@value #TOGETHER}, filled up, costs less than one for each. */
    int filledFrom() {
        return 2;
    }

    /** What its loops are for: matrices of equal kinds run the same. */
    Object kind() {
        return getClass();
    }

    /** Steps of {@link #step()} rows, the last one filled up. */
    final int steps() {
        return (rows + step() - 1) / step();
    }

    /** Some steps of one prepared vector or {@value Loops#TOGETHER}, the first row of all into {@code ys[..][at]}. */
    final void multiply(float[][] xs, float[][] ys, int from, int to, int at) {
        int step = step();
        float[] lanes = Scratch.own().lanes.get(0, 4 * loops.rows().lanes());
        for (int i = from; i < to; i++) {
            int row = i * step;
            if (row + step <= rows) {
                multiply(i, xs, ys, at + row, lanes);
            } else { // the last rows, and what pads them
                var padded = new float[ys.length][step];
                multiply(i, xs, padded, 0, lanes);
                for (int v = 0; v < ys.length; v++) {
                    System.arraycopy(padded[v], 0, ys[v], at + row, rows - row);
                }
            }
        }
    }

    /** Rows that are multiplied together. */
    abstract int step();

    /** A vector as the loops read it: itself, or the calling thread's array of this index. */
    abstract float[] prepared(float[] x, int index);

    /** The rows of step {@code i} into {@code ys[..][to ..]}; {@code lanes} as {@link RowLoops#bf16} wants them. */
    abstract void multiply(int i, float[][] xs, float[][] ys, int to, float[] lanes);

    static int rows(float[] weights, int columns) {
        if (columns < 1 || weights.length % columns != 0) {
            throw new IllegalArgumentException("%d weights are no rows of %d".formatted(weights.length, columns));
        }
        return weights.length / columns;
    }

    static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }

    /** bfloat16 of a float, rounded to nearest, halves to even; not for NaN. */
    static int bf16(float x) {
        int bits = Float.floatToRawIntBits(x);
        return (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
    }
}
