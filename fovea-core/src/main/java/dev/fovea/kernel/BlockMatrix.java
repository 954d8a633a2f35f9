package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Objects;

/** Rows of blocks as GGUF files have them: a mapped file is multiplied where it lies, its weights being floats for a moment. */
public final class BlockMatrix extends WidenedMatrix {

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /** Rows of a step: what one call of the loops multiplies. */
    private static final int ROWS = 16;

    private final BlockFormat format;
    private final long rowBytes;
    private final BlockLoops blocks;

    private BlockMatrix(BlockFormat format, MemorySegment weights, int rows, int columns, Loops loops) {
        super(rows, columns, weights, Math.multiplyExact(rows, format.bytes(columns)), loops);
        this.format = format;
        this.rowBytes = format.bytes(columns);
        this.blocks = loops.blocks();
    }

    /**
     * Weights in native memory; they must stay there.
     *
     * @throws IllegalArgumentException where rows are no whole blocks, or the memory is of another size
     */
    public static BlockMatrix of(BlockFormat format, MemorySegment weights, int rows, int columns) {
        return of(format, weights, rows, columns, Kernels.LOOPS);
    }

    static BlockMatrix of(BlockFormat format, MemorySegment weights, int rows, int columns, Loops loops) {
        return new BlockMatrix(format, weights, rows, columns, loops);
    }

    /** How the weights lie. */
    public BlockFormat format() {
        return format;
    }

    @Override
    public int paddedColumns() {
        return roundUp(columns(), BlockLoops.UNIT);
    }

    @Override
    public boolean isRowByRow() {
        return true;
    }

    @Override
    Matrix scrap(int rows, int columns) {
        long size = rows * format.bytes(columns);
        return size > bytes() ? this : new BlockMatrix(format, memory().asSlice(0, size), rows, columns, loops);
    }

    @Override
    public void row(int row, float[] into) {
        requireOpen();
        Objects.checkIndex(row, rows()); // the loops check nothing
        try {
            blocks.decode(format, address(row), columns(), into, 0);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private long address(int row) {
        return memory().address() + row * rowBytes;
    }

    @Override
    public void unpack(int firstGroup, int groups, MemorySegment into, Workers workers) {
        requireRoom(firstGroup, groups, into, Float.BYTES);
        int first = GROUP * firstGroup;
        int width = paddedColumns();
        try {
            workers.split(Math.min(GROUP * groups, rows() - first), (from, to) -> {
                float[] row = Scratch.own().weights.get(0, width);
                for (int r = from; r < to; r++) {
                    decode(first + r, row);
                    MemorySegment.copy(row, 0, into, FLOAT, 4L * width * r, width);
                }
            });
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void unpackHalves(int firstGroup, int groups, MemorySegment into) {
        requireRoom(firstGroup, groups, into, Short.BYTES);
        int first = GROUP * firstGroup;
        int width = paddedColumns();
        float[] row = Scratch.own().weights.get(0, width);
        try {
            for (int r = 0; r < Math.min(GROUP * groups, rows() - first); r++) {
                decode(first + r, row);
                blocks.halves(row, width, into, 2L * width * r);
            }
        } finally {
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(into);
        }
    }

    private void decode(int row, float[] into) {
        blocks.decode(format, address(row), columns(), into, 0);
        Arrays.fill(into, columns(), paddedColumns(), 0);
    }

    @Override
    int step() {
        return ROWS;
    }

    @Override
    void multiply(int i, float[][] xs, float[][] ys, int to, float[] lanes) {
        int row = i * ROWS;
        int some = Math.min(ROWS, rows() - row);
        if (xs.length == 1) {
            blocks.product(format, address(row), rowBytes, some, columns(), xs[0], ys[0], to);
            return;
        }
        for (int r = 0; r < some; r++) {
            blocks.products(format, address(row + r), columns(), xs, ys, to + r);
        }
    }

    @Override
    Object kind() {
        return format;
    }
}
