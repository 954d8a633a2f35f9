package dev.fovea.kernel;

import java.lang.foreign.MemorySegment;

/** The inner loops over rows as a checkpoint stores them, one after the other, over kept keys and values, and over activations. */
interface RowLoops {

    /** Values that the loops take at a time. */
    int lanes();

    /**
     * Sums of four rows of bfloat16, the same to the last bit for a vector alone and for one of four.
     *
     * @param xs one vector, or four for which the rows are read once; in the order of {@link #arrange}
     * @param lanes room for {@code 4 · lanes()} values, whose contents do not matter
     */
    void bf16(MemorySegment w, long at, long rowBytes, int columns, float[][] xs, float[][] ys, int to, float[] lanes);

    /** Writes a vector to the beginning of another array, in the order in which {@link #bf16} reads it. */
    void arrange(float[] x, float[] into);

    /**
     * Four vectors with a tile of keys in bfloat16 ({@link KvTiles}): {@code ys[v][to + t]} for each of its tokens t.
     *
     * @param words of two values each
     */
    void keys(MemorySegment w, long at, int words, float[][] xs, float[][] ys, int to);

    /**
     * Adds values of {@value KvTiles#VALUES} dimensions in bfloat16, each times its weight: {@code ys[v][column + c] +=
     * Σ ps[v][from + t] · w[t][c]} over {@code count} tokens, four vectors at a time. The columns come in an order of the loops' own,
     * which {@link #straighten} undoes.
     */
    void values(MemorySegment w, long at, int count, int column, float[][] ps, int from, float[][] ys);

    /** {@link #values} of 8 bits. */
    void byteValues(MemorySegment w, long at, int count, int column, float[][] ps, int from, float[][] ys);

    /** Writes sums of so many columns of values, of 1 or 2 bytes, in their own order. */
    void straighten(float[] x, int columns, int bytes, float[] into);

    /** Replaces {@code x[0 .. count)} by exp(x - largest) and returns their sum. */
    float exponentials(float[] x, int count, float largest);

    /** {@code y[i] = gelu(x[i]) · x[up + i]} in the tanh form, for i from {@code from} on, before {@code to}. */
    void gatedGelu(float[] x, int up, float[] y, int from, int to);
}
