package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The loops without vector registers. */
final class PlainLoops implements Loops {

    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private final RowLoops rows = new PlainRowLoops();
    private final BlockLoops blocks = new PlainBlockLoops();

    @Override
    public RowLoops rows() {
        return rows;
    }

    @Override
    public BlockLoops blocks() {
        return blocks;
    }

    @Override
    public void int8(MemorySegment w, long at, int words, float[] x, float[] y, int to) {
        for (int lane = 0; lane < GROUP; lane++) {
            float sum = 0;
            for (int i = 0; i < words; i++) {
                int word = w.get(WORD, at + (long) i * WORD_BYTES + 4L * lane);
                for (int j = 0; j < 4; j++) {
                    sum += (byte) (word >> (8 * j)) * x[4 * i + j];
                }
            }
            y[to + lane] = sum * w.get(FLOAT, at + (long) words * WORD_BYTES + 4L * lane);
        }
    }

    @Override
    public void int4(MemorySegment w, long at, int pairs, float[] x, float[] y, int to) {
        for (int lane = 0; lane < GROUP; lane++) {
            float sum = 0;
            for (int i = 0; i < pairs; i++) {
                long start = at + (long) i * NIBBLE_WORDS * WORD_BYTES + 4L * lane;
                int scales = w.get(WORD, start);
                sum += Loops.low(scales) * block(w, start + WORD_BYTES, x, 64 * i);
                sum += Loops.high(scales) * block(w, start + 5L * WORD_BYTES, x, 64 * i + BlockQ4.BLOCK);
            }
            y[to + lane] = sum;
        }
    }

    @Override
    public void int8Together(MemorySegment w, long at, int words, float[][] xs, float[][] ys, int to) {
        for (int v = 0; v < xs.length; v++) {
            int8(w, at, words, xs[v], ys[v], to);
        }
    }

    @Override
    public void int4Together(MemorySegment w, long at, int pairs, float[][] xs, float[][] ys, int to) {
        for (int v = 0; v < xs.length; v++) {
            int4(w, at, pairs, xs[v], ys[v], to);
        }
    }

    private static float block(MemorySegment w, long at, float[] x, int from) {
        float sum = 0;
        for (int c = 0; c < BlockQ4.BLOCK; c++) {
            sum += nibble(w, at, c) * x[from + c];
        }
        return sum;
    }

    private static int nibble(MemorySegment w, long at, int column) {
        return (w.get(WORD, at + (long) (column / 8) * WORD_BYTES) >>> (4 * (column % 8)) & 0xF) - 8;
    }

    @Override
    public int int4FilledFrom() {
        return TOGETHER;
    }

    @Override
    public int nibbleColumns(int pairs) {
        return 2 * BlockQ4.BLOCK * pairs;
    }

    @Override
    public void nibbleColumns(float[] x, int pairs, float[] into) {
        System.arraycopy(x, 0, into, 0, x.length);
        Arrays.fill(into, x.length, nibbleColumns(pairs), 0);
    }

    @Override
    public void unpack8(MemorySegment w, long at, long steps, int words, MemorySegment into, long to, long stride) {
        for (int lane = 0; lane < GROUP; lane++) {
            float step = w.get(FLOAT, steps + 4L * lane);
            for (int c = 0; c < 4 * words; c++) {
                int word = w.get(WORD, at + (long) (c / 4) * WORD_BYTES + 4L * lane);
                into.set(FLOAT, to + c * stride + 4L * lane, (byte) (word >> (8 * (c % 4))) * step);
            }
        }
    }

    @Override
    public void unpack4(MemorySegment w, long at, MemorySegment into, long to, long stride) {
        for (int lane = 0; lane < GROUP; lane++) {
            int scales = w.get(WORD, at + 4L * lane);
            for (int c = 0; c < 2 * BlockQ4.BLOCK; c++) {
                float scale = c < BlockQ4.BLOCK ? Loops.low(scales) : Loops.high(scales);
                into.set(FLOAT, to + c * stride + 4L * lane, nibble(w, at + WORD_BYTES + 4L * lane, c) * scale);
            }
        }
    }

    @Override
    public void halves(MemorySegment from, int count, MemorySegment into, long to, long stride) {
        for (int i = 0; i < count; i++) {
            for (int lane = 0; lane < GROUP; lane++) {
                float x = from.get(FLOAT, 4L * (GROUP * i + lane));
                into.set(HALF, to + i * stride + 2L * lane, (short) Matrix.bf16(x));
            }
        }
    }
}
