package dev.fovea.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The inner loops over rows as a checkpoint or a cache stores them, one after the other, and over activations. {@code xs} are one
 * vector or four; with four the rows are read once for all.
 */
interface RowLoops {

    /** Values that the loops take at a time. */
    int lanes();

    /**
     * Sums of four rows of bfloat16, the same to the last bit for a vector alone and for one of four.
     *
     * @param xs arranged for 2 bytes
     * @param lanes room for {@code 4 · lanes()} values, whose contents do not matter
     */
    void bf16(MemorySegment w, long at, long rowBytes, int columns, float[][] xs, float[][] ys, int to, float[] lanes);

    /** {@link #bf16} for rows of bytes, {@code xs} arranged for 1 byte; here four vectors are added up in another order than one. */
    void int8(MemorySegment w, long at, long rowBytes, int columns, float[][] xs, float[][] ys, int to, float[] lanes);

    /**
     * Adds rows of bfloat16, each times its weight: {@code ys[v][c] += Σ ps[v][from + r] · w[r][c]} over {@code rows} rows.
     * {@code ys} are in the order of {@link #arrange}; {@link #straighten} gives the columns' own.
     */
    void weightedBf16(
            MemorySegment w, long at, long rowBytes, int rows, int columns, float[][] ps, int from, float[][] ys);

    /** The same for rows of bytes. */
    void weightedInt8(
            MemorySegment w, long at, long rowBytes, int rows, int columns, float[][] ps, int from, float[][] ys);

    /** Writes {@code x[from ..]}, so many values, to the beginning of another array, in the order in which the loops read them beside rows of so many bytes a value, 1 or 2. */
    void arrange(float[] x, int from, int count, int bytes, float[] into);

    /** Undoes {@link #arrange}: writes the vector to {@code into[at ..]}. */
    void straighten(float[] x, int count, int bytes, float[] into, int at);

    /** Replaces {@code x[0 .. count)} by exp(x - largest) and returns their sum. */
    float exponentials(float[] x, int count);

    /** {@code y[i] = gelu(x[i]) · x[up + i]} in the tanh form, for i from {@code from} on, before {@code to}. */
    void gatedGelu(float[] x, int up, float[] y, int from, int to);
}
