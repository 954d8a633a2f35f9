package dev.fovea.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Weights that become floats for the products of many vectors, some groups of {@value #GROUP} rows at a time. */
public abstract sealed class WidenedMatrix extends Matrix permits PackedMatrix, BlockMatrix {

    /** Rows of a group. */
    public static final int GROUP = Loops.GROUP;

    WidenedMatrix(int rows, int columns, MemorySegment memory, long wantedBytes, Loops loops) {
        super(rows, columns, memory, wantedBytes, loops);
    }

    static int groups(int rows) {
        return (rows + GROUP - 1) / GROUP;
    }

    /** Groups of rows, the last one filled up. */
    public final int groups() {
        return groups(rows());
    }

    /** Columns as they are widened. */
    public abstract int paddedColumns();

    /** Whether widened weights lie row by row, {@code [16 · groups, paddedColumns]}; else transposed. */
    public abstract boolean isRowByRow();

    /**
     * What groups of weights stand for.
     *
     * @param into float32 {@code [paddedColumns, 16 · groups]}, or by {@link #isRowByRow} the other way round; what fills up the last
     *     group is left as it is there
     */
    public abstract void unpack(int firstGroup, int groups, MemorySegment into, Workers workers);

    /**
     * The same rounded to bfloat16, by the calling thread alone. Memory that its weights lie in must not be closed meanwhile.
     *
     * @param into bfloat16 of the same shape
     */
    public abstract void unpackHalves(int firstGroup, int groups, MemorySegment into);

    /** Filled up with zeros; packings that want another order have their own. */
    @Override
    float[] prepared(float[] x, int index) {
        if (x.length == paddedColumns()) {
            return x;
        }
        float[] padded = Scratch.own().vectors.get(index, paddedColumns());
        System.arraycopy(x, 0, padded, 0, x.length);
        Arrays.fill(padded, x.length, paddedColumns(), 0);
        return padded;
    }

    final void requireRoom(int firstGroup, int groups, MemorySegment into, int bytes) {
        requireOpen();
        long wanted = (long) bytes * GROUP * groups * paddedColumns();
        if (firstGroup < 0
                || groups < 0
                || groups > groups() - firstGroup
                || !into.isNative()
                || !into.scope().isAlive()
                || into.byteSize() < wanted) {
            throw new IllegalArgumentException("groups %d to %d of %d into %d bytes, wanted %d open native ones"
                    .formatted(firstGroup, firstGroup + groups, groups(), into.byteSize(), wanted));
        }
    }
}
