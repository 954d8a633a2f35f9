package dev.fovea.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The inner loops of products with rows of blocks. A row is read from front to back: going through a few columns of several rows, or through
 * two rows side by side, read from memory at a third of the rate.
 */
interface BlockLoops {

    /** Columns of a row that are floats at a time where a loop multiplies floats: whole blocks of every format. */
    int TILE = 1024;
    /** Vectors have columns in multiples of this, those that fill it up being 0. */
    int UNIT = 64;

    /** {@code count} values, whole blocks, that begin at the address, into {@code into[to ..]}. */
    void decode(BlockFormat format, long address, int count, float[] into, int to);

    /** Rows of {@code columns}, one after the other, with a vector, into {@code y[to ..]}. */
    void product(BlockFormat format, long address, long rowBytes, int rows, int columns, float[] x, float[] y, int to);

    /** A row with {@value Loops#TOGETHER} vectors, into {@code ys[..][to]}; each gets the very sum that
     * {@link #product} gives it. */
    void products(BlockFormat format, long address, int columns, float[][] xs, float[][] ys, int to);

    /** Values rounded to bfloat16 as {@link Matrix#bf16} does. */
    void halves(float[] from, int count, MemorySegment into, long to);
}
