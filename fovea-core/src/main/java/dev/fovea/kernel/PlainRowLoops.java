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
    public void keys(MemorySegment w, long at, int words, float[][] xs, float[][] ys, int to) {
        for (int v = 0; v < xs.length; v++) {
            for (int t = 0; t < KvTiles.KEYS; t++) {
                float sum = 0;
                for (int c = 0; c < 2 * words; c++) {
                    long word = at + (long) Loops.WORD_BYTES * (c / 2) + (long) Integer.BYTES * t;
                    sum += Loops.low(w.get(BF16, word + c % 2 * 2L)) * xs[v][c];
                }
                ys[v][to + t] = sum;
            }
        }
    }

    @Override
    public void values(MemorySegment w, long at, int count, int column, float[][] ps, int from, float[][] ys) {
        for (int t = 0; t < count; t++) {
            for (int c = 0; c < KvTiles.VALUES; c++) {
                float x = Loops.low(w.get(BF16, at + 2L * (KvTiles.VALUES * t + c)));
                for (int v = 0; v < ys.length; v++) {
                    ys[v][column + c] += ps[v][from + t] * x;
                }
            }
        }
    }

    @Override
    public void byteValues(MemorySegment w, long at, int count, int column, float[][] ps, int from, float[][] ys) {
        for (int t = 0; t < count; t++) {
            for (int c = 0; c < KvTiles.VALUES; c++) {
                float x = w.get(ValueLayout.JAVA_BYTE, at + (long) KvTiles.VALUES * t + c);
                for (int v = 0; v < ys.length; v++) {
                    ys[v][column + c] += ps[v][from + t] * x;
                }
            }
        }
    }

    @Override
    public void arrange(float[] x, float[] into) {
        System.arraycopy(x, 0, into, 0, x.length);
    }

    @Override
    public void straighten(float[] x, int columns, int bytes, float[] into) {
        System.arraycopy(x, 0, into, 0, columns);
    }

    @Override
    public float exponentials(float[] x, int count, float largest) {
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
