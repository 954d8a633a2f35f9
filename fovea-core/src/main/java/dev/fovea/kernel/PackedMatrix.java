package dev.fovea.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Quantised weights packed by groups of {@value Loops#GROUP} rows, the last one filled up with zeros; a machine of any register
 * width reads the same bytes.
 */
public abstract sealed class PackedMatrix extends WidenedMatrix permits Int8Matrix, Int4Matrix {

    /** Columns that are unpacked at a time: as much as stays in the nearest cache. */
    private static final int TILE = 64;

    private final long groupBytes;

    PackedMatrix(int rows, int columns, MemorySegment memory, long groupBytes, Loops loops) {
        super(rows, columns, memory, groupBytes * groups(rows), loops);
        this.groupBytes = groupBytes;
    }

    @Override
    public final boolean isRowByRow() {
        return false;
    }

    @Override
    public final void unpack(int firstGroup, int groups, MemorySegment into, Workers workers) {
        requireRoom(firstGroup, groups, into, Float.BYTES);
        long stride = 4L * Loops.GROUP * groups;
        try {
            workers.split(Math.ceilDiv(paddedColumns(), TILE), (from, to) -> {
                for (int tile = from; tile < to; tile++) {
                    for (int group = 0; group < groups; group++) {
                        long place = (long) tile * TILE * stride + 4L * Loops.GROUP * group;
                        unpack(groupBytes * (firstGroup + group), tile * TILE, columns(tile), into, place, stride);
                    }
                }
            });
        } finally {
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(into);
        }
    }

    @Override
    public final void unpackHalves(int firstGroup, int groups, MemorySegment into) {
        requireRoom(firstGroup, groups, into, Short.BYTES);
        long stride = 2L * Loops.GROUP * groups;
        int tiles = Math.ceilDiv(paddedColumns(), TILE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(4L * Loops.GROUP * TILE, 64);
            for (int first = 0; first < groups; first += 2) { // two fill a line of the cache
                for (int tile = 0; tile < tiles; tile++) {
                    for (int group = first; group < Math.min(groups, first + 2); group++) {
                        long at = groupBytes * (firstGroup + group);
                        unpack(at, tile * TILE, columns(tile), floats, 0, 4L * Loops.GROUP);
                        loops.halves(
                                floats,
                                columns(tile),
                                into,
                                (long) tile * TILE * stride + 2L * Loops.GROUP * group,
                                stride);
                    }
                }
            }
        } finally {
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(into);
        }
    }

    private int columns(int tile) {
        return Math.min(TILE, paddedColumns() - tile * TILE);
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
