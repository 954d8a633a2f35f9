package dev.fovea.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Quantised weights packed by groups of {@value Loops#GROUP} rows, the last one filled up with zeros; a machine of any register
 * width reads the same bytes.
 */
public abstract sealed class PackedMatrix extends Matrix permits Int8Matrix, Int4Matrix {

    /** Rows of a group. */
    public static final int GROUP = Loops.GROUP;

    /** Columns that are unpacked at a time: as much as stays in the nearest cache. */
    private static final int TILE = 64;

    private final long groupBytes;

    PackedMatrix(int rows, int columns, MemorySegment memory, long groupBytes, Loops loops) {
        super(rows, columns, memory, groupBytes * groups(rows), loops);
        this.groupBytes = groupBytes;
    }

    static int groups(int rows) {
        return (rows + Loops.GROUP - 1) / Loops.GROUP;
    }

    /** Groups of rows. */
    public final int groups() {
        return groups(rows());
    }

    /** Columns as they are packed: whole words or blocks. */
    public abstract int paddedColumns();

    /**
     * What groups of weights stand for, transposed, as matrix products of many vectors want it.
     *
     * @param into float32 {@code [paddedColumns, 16 · groups]}
     */
    public final void unpack(int firstGroup, int groups, MemorySegment into, Workers workers) {
        long stride = 4L * Loops.GROUP * groups;
        int tiles = (paddedColumns() + TILE - 1) / TILE;
        workers.split(tiles, (from, to) -> {
            for (int tile = from; tile < to; tile++) {
                for (int group = 0; group < groups; group++) {
                    int columns = Math.min(TILE, paddedColumns() - tile * TILE);
                    long place = (long) tile * TILE * stride + 4L * Loops.GROUP * group;
                    unpack(groupBytes * (firstGroup + group), tile * TILE, columns, into, place, stride);
                }
            }
        });
    }

    /** Columns of the group at {@code at}; {@code first} is a multiple of the tile. */
    abstract void unpack(long at, int first, int columns, MemorySegment into, long to, long stride);

    /** One vector with a group. */
    abstract void multiply(long at, float[] x, float[] y, int to);

    /** {@value Loops#TOGETHER} vectors with one group. */
    abstract void multiplyTogether(long at, float[][] xs, float[][] ys, int to);

    @Override
    final int step() {
        return Loops.GROUP;
    }

    @Override
    final void multiply(int i, float[][] xs, float[][] ys, int to, float[] lanes) {
        if (xs.length == 1) {
            multiply(groupBytes * i, xs[0], ys[0], to);
        } else {
            multiplyTogether(groupBytes * i, xs, ys, to);
        }
    }
}
