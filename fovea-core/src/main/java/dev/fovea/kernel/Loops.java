package dev.fovea.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The inner loops of products with packed weights, which lie in native memory in groups of {@value #GROUP} rows: a word (32 bits)
 * of each row side by side, whatever the width of the machine's registers.
 *
 * <p>8 bits: each word holds four columns, the first lowest, and after the last columns comes a float32 step a row, by which the
 * row's sum is multiplied. 4 bits: 64 columns are a word of two bfloat16 scales, for 32 columns each, and eight words of eight
 * columns, the first lowest; a nibble q stands for (q - 8) times its scale.
 */
interface Loops {

    /** Rows of a group. */
    int GROUP = 16;
    /** Bytes of a word of every row of a group. */
    int WORD_BYTES = 4 * GROUP;
    /** Words of 64 columns of 4 bits. */
    int NIBBLE_WORDS = 9;
    /** Vectors that are multiplied in one reading of the weights. */
    int TOGETHER = 4;

    /** The loops over rows of keys and values, and over activations. */
    RowLoops rows();

    /** The loops over rows of blocks. */
    BlockLoops blocks();

    /** One vector with a group of 8-bit rows, {@code words} of columns. */
    void int8(MemorySegment w, long at, int words, float[] x, float[] y, int to);

    /**
     * One vector with a group of 4-bit rows.
     *
     * @param x {@link #nibbleColumns}
     */
    void int4(MemorySegment w, long at, int pairs, float[] x, float[] y, int to);

    /** {@link #int8} of {@value #TOGETHER} vectors with one group; each gets the very sums that it gets alone. */
    void int8Together(MemorySegment w, long at, int words, float[][] xs, float[][] ys, int to);

    /** {@link #int4} of {@value #TOGETHER} vectors with one group; each gets the very sums that it gets alone. */
    void int4Together(MemorySegment w, long at, int pairs, float[][] xs, float[][] ys, int to);

    /** From so many vectors on {@link #int4Together}, filled up, costs less than {@link #int4} for each. */
    int int4FilledFrom();

    /** Values of {@link #nibbleColumns}. */
    int nibbleColumns(int pairs);

    /** Writes a vector as {@link #int4} reads it, for so many pairs of blocks, to the beginning of another array. */
    void nibbleColumns(float[] x, int pairs, float[] into);

    /**
     * What 8-bit weights stand for.
     *
     * @param at the first of {@code words} words of a group, four columns each
     * @param steps the group's steps
     * @param into a row of {@value #GROUP} floats a column, {@code stride} bytes apart
     */
    void unpack8(MemorySegment w, long at, long steps, int words, MemorySegment into, long to, long stride);

    /** What 64 columns of a group of 4-bit weights stand for. */
    void unpack4(MemorySegment w, long at, MemorySegment into, long to, long stride);

    /**
     * Rows of {@value #GROUP} floats, one after the other, rounded to bfloat16 as {@link Matrix#bf16} does.
     *
     * @param into rows of {@value #GROUP} bfloat16, {@code stride} bytes apart
     */
    void halves(MemorySegment from, int count, MemorySegment into, long to, long stride);

    /** The float whose upper 16 bits are the lower ones of {@code word}. */
    static float low(int word) {
        return Float.intBitsToFloat(word << 16);
    }

    /** The float whose upper 16 bits are those of {@code word}. */
    static float high(int word) {
        return Float.intBitsToFloat(word & 0xFFFF0000);
    }
}
