package dev.fovea.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The inner loops of the products. Weights lie in native memory; {@code xs} and {@code ys} are one vector or four, and with
 * four the weights are read once for all. Sums are without the rows' scales.
 *
 * <p>Packed weights come in groups of as many rows as there are {@link #lanes()}: a word (32 bits) of each row side by
 * side.
 */
interface Loops {

    /** Vectors that are multiplied in one reading of the weights. */
    int TOGETHER = 4;

    /** Rows of a group. */
    int lanes();

    /** One group of 8-bit rows: each word holds four columns. */
    void int8(MemorySegment w, long at, int words, float[][] xs, float[][] ys, int to);

    /**
     * One group of 4-bit rows: 64 columns are a word of two bfloat16 scales, for 32 columns each, and eight words of eight
     * columns. The integers are signed, -8 to 7.
     */
    void int4(MemorySegment w, long at, int words64, float[][] xs, float[][] ys, int to);

    /** Four rows of bfloat16 as a checkpoint stores them; {@code xs} are arranged by {@link #arrange}. */
    void bf16(MemorySegment w, long at, long rowBytes, int columns, float[][] xs, float[][] ys, int to);

    /**
     * Adds rows of bfloat16, each times its weight: {@code ys[v][c] += Σ ps[v][from + r] · w[r][c]} over {@code rows} rows.
     * {@code ys} are in the order of {@link #arrange}; {@link #straighten} gives the columns' own.
     */
    void weighted(MemorySegment w, long at, long rowBytes, int rows, int columns, float[][] ps, int from, float[][] ys);

    /** Replaces {@code x[0 .. count)} by exp(x - largest) and returns their sum. */
    float exponentials(float[] x, int count);

    /** {@code y[i] = gelu(x[i]) · x[up + i]} in the tanh form, for i from {@code from} on, before {@code to}. */
    void gatedGelu(float[] x, int up, float[] y, int from, int to);

    /** A vector in the order in which {@link #bf16} reads it. */
    float[] arrange(float[] x);

    /** Undoes {@link #arrange}: writes the vector to {@code into[at ..]}. */
    void straighten(float[] x, float[] into, int at);

    /** The float whose upper 16 bits are the lower ones of {@code word}. */
    static float low(int word) {
        return Float.intBitsToFloat(word << 16);
    }

    /** The float whose upper 16 bits are those of {@code word}. */
    static float high(int word) {
        return Float.intBitsToFloat(word & 0xFFFF0000);
    }
}
