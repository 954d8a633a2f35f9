package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The loops without vector registers. */
final class PlainLoops implements Loops {

    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int LANES = 16;
    private static final int ROWS = 4;

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public void int8(MemorySegment w, long at, int words, float[][] xs, float[][] ys, int to) {
        for (int v = 0; v < xs.length; v++) {
            for (int lane = 0; lane < LANES; lane++) {
                float sum = 0;
                for (int i = 0; i < words; i++) {
                    int word = w.get(WORD, at + 4L * (i * LANES + lane));
                    for (int j = 0; j < 4; j++) {
                        sum += (byte) (word >> (8 * j)) * xs[v][4 * i + j];
                    }
                }
                ys[v][to + lane] = sum;
            }
        }
    }

    @Override
    public void int4(MemorySegment w, long at, int words64, float[][] xs, float[][] ys, int to) {
        for (int v = 0; v < xs.length; v++) {
            for (int lane = 0; lane < LANES; lane++) {
                float sum = 0;
                for (int i = 0; i < words64; i++) {
                    long start = at + 4L * (9 * i * LANES + lane);
                    int scales = w.get(WORD, start);
                    sum += Loops.low(scales) * block(w, start + 4L * LANES, xs[v], 64 * i);
                    sum += Loops.high(scales) * block(w, start + 20L * LANES, xs[v], 64 * i + 32);
                }
                ys[v][to + lane] = sum;
            }
        }
    }

    private static float block(MemorySegment w, long at, float[] x, int from) {
        float sum = 0;
        for (int i = 0; i < 4; i++) {
            int word = w.get(WORD, at + 4L * i * LANES);
            for (int j = 0; j < 8; j++) {
                sum += (word << (28 - 4 * j) >> 28) * x[from + 8 * i + j];
            }
        }
        return sum;
    }

    @Override
    public void bf16(MemorySegment w, long at, long rowBytes, int columns, float[][] xs, float[][] ys, int to) {
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
    public float[] arrange(float[] x) {
        return x;
    }

    @Override
    public void straighten(float[] x, float[] into, int at) {
        System.arraycopy(x, 0, into, at, x.length);
    }

    @Override
    public void weighted(
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
