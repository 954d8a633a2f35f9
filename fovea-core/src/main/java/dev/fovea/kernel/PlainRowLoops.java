package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The loops over rows without vector registers. */
final class PlainRowLoops implements RowLoops {

    private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int ROWS = 4;

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public void bf16(
            MemorySegment w, long at, long rowBytes, int columns, float[][] xs, float[][] ys, int to, float[] lanes) {
        for (int v = 0; v < xs.length; v++) {
            for (int r = 0; r < ROWS; r++) {
                float sum = 0;
                for (int c = 0; c < columns; c++) {
                    sum += Loops.low(w.get(BF16, at + r * rowBytes + 2L * c)) * xs[v][c];
                }
                ys[v][to + r] = sum;
            }
        }
    }

    @Override
    public void int8(
            MemorySegment w, long at, long rowBytes, int columns, float[][] xs, float[][] ys, int to, float[] lanes) {
        for (int v = 0; v < xs.length; v++) {
            for (int r = 0; r < ROWS; r++) {
                float sum = 0;
                for (int c = 0; c < columns; c++) {
                    sum += w.get(ValueLayout.JAVA_BYTE, at + r * rowBytes + c) * xs[v][c];
                }
                ys[v][to + r] = sum;
            }
        }
    }

    @Override
    public void weightedBf16(
            MemorySegment w, long at, long rowBytes, int rows, int columns, float[][] ps, int from, float[][] ys) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                float x = Loops.low(w.get(BF16, at + r * rowBytes + 2L * c));
                for (int v = 0; v < ys.length; v++) {
                    ys[v][c] += ps[v][from + r] * x;
                }
            }
        }
    }

    @Override
    public void weightedInt8(
            MemorySegment w, long at, long rowBytes, int rows, int columns, float[][] ps, int from, float[][] ys) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                float x = w.get(ValueLayout.JAVA_BYTE, at + r * rowBytes + c);
                for (int v = 0; v < ys.length; v++) {
                    ys[v][c] += ps[v][from + r] * x;
                }
            }
        }
    }

    @Override
    public void arrange(float[] x, int from, int count, int bytes, float[] into) {
        System.arraycopy(x, from, into, 0, count);
    }

    @Override
    public void straighten(float[] x, int count, int bytes, float[] into, int at) {
        System.arraycopy(x, 0, into, at, count);
    }

    @Override
    public float exponentials(float[] x, int count) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, x[i]);
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            x[i] = (float) Math.exp(x[i] - largest);
            sum += x[i];
        }
        return (float) sum;
    }

    @Override
    public void gatedGelu(float[] x, int up, float[] y, int from, int to) {
        for (int i = from; i < to; i++) {
            y[i] = Gelu.tanhForm(x[i]) * x[up + i];
        }
    }
}
