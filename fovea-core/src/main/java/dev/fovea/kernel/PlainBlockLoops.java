package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The loops over blocks without vector registers. */
final class PlainBlockLoops implements BlockLoops {

    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    @Override
    public void decode(BlockFormat format, long address, int count, float[] into, int to) {
        int size = Math.toIntExact(format.bytes(count));
        byte[] bytes = Scratch.own().bytes(size);
        MemorySegment.copy(Everywhere.MEMORY, ValueLayout.JAVA_BYTE, address, bytes, 0, size);
        format.decode(bytes, 0, count / format.size(), into, to);
    }

    @Override
    public void product(
            BlockFormat format, long address, long rowBytes, int rows, int columns, float[] x, float[] y, int to) {
        float[] w = Scratch.own().weights.get(0, columns);
        for (int r = 0; r < rows; r++) {
            decode(format, address + r * rowBytes, columns, w, 0);
            y[to + r] = product(w, columns, x);
        }
    }

    private static float product(float[] w, int columns, float[] x) {
        float sum = 0;
        for (int c = 0; c < columns; c++) {
            sum += w[c] * x[c];
        }
        return sum;
    }

    @Override
    public void products(BlockFormat format, long address, int columns, float[][] xs, float[][] ys, int to) {
        float[] w = Scratch.own().weights.get(0, columns);
        decode(format, address, columns, w, 0);
        for (int v = 0; v < xs.length; v++) {
            ys[v][to] = product(w, columns, xs[v]);
        }
    }

    @Override
    public void halves(float[] from, int count, MemorySegment into, long to) {
        for (int i = 0; i < count; i++) {
            into.set(HALF, to + 2L * i, (short) Matrix.bf16(from[i]));
        }
    }
}
