package dev.fovea.kernel;

/**
 * Blocks of 32 values: a scale, sometimes a minimum, and small integers. Nibbles hold value {@code j} low and value
 * {@code j + 16} high.
 */
final class SmallBlocks {

    /** E2M1 numbers, doubled. */
    private static final int[] FP4 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    private static final int HALF = 16;

    private SmallBlocks() {}

    /** The bits of {@code mask} after a shift to the right. */
    static int bits(int word, int shift, int mask) {
        return (word >> shift) & mask;
    }

    static void single(byte[] b, int at, float[] y, int to) {
        y[to] = Float.intBitsToFloat(word(b, at));
    }

    static void half(byte[] b, int at, float[] y, int to) {
        y[to] = half(b, at);
    }

    static void q40(byte[] b, int at, float[] y, int to) {
        float d = half(b, at);
        for (int j = 0; j < HALF; j++) {
            int q = b[at + 2 + j];
            y[to + j] = d * (bits(q, 0, 0xF) - 8);
            y[to + j + HALF] = d * (bits(q, 4, 0xF) - 8);
        }
    }

    static void q41(byte[] b, int at, float[] y, int to) {
        float d = half(b, at);
        float min = half(b, at + 2);
        for (int j = 0; j < HALF; j++) {
            int q = b[at + 4 + j];
            y[to + j] = d * bits(q, 0, 0xF) + min;
            y[to + j + HALF] = d * bits(q, 4, 0xF) + min;
        }
    }

    static void q50(byte[] b, int at, float[] y, int to) {
        float d = half(b, at);
        int high = word(b, at + 2);
        for (int j = 0; j < HALF; j++) {
            int q = b[at + 6 + j];
            y[to + j] = d * ((bits(q, 0, 0xF) | bits(high, j, 1) << 4) - 16);
            y[to + j + HALF] = d * ((bits(q, 4, 0xF) | bits(high, j + HALF, 1) << 4) - 16);
        }
    }

    static void q51(byte[] b, int at, float[] y, int to) {
        float d = half(b, at);
        float min = half(b, at + 2);
        int high = word(b, at + 4);
        for (int j = 0; j < HALF; j++) {
            int q = b[at + 8 + j];
            y[to + j] = d * (bits(q, 0, 0xF) | bits(high, j, 1) << 4) + min;
            y[to + j + HALF] = d * (bits(q, 4, 0xF) | bits(high, j + HALF, 1) << 4) + min;
        }
    }

    static void q80(byte[] b, int at, float[] y, int to) {
        float d = half(b, at);
        for (int j = 0; j < 2 * HALF; j++) {
            y[to + j] = d * b[at + 2 + j];
        }
    }

    static void mxfp4(byte[] b, int at, float[] y, int to) {
        float d = (float) Math.scalb(1.0, (b[at] & 0xFF) - 128); // the bias of 127, and half, the table being doubled
        for (int j = 0; j < HALF; j++) {
            int q = b[at + 1 + j];
            y[to + j] = d * FP4[bits(q, 0, 0xF)];
            y[to + j + HALF] = d * FP4[bits(q, 4, 0xF)];
        }
    }

    static float half(byte[] b, int at) {
        return Float.float16ToFloat((short) ((b[at] & 0xFF) | b[at + 1] << 8));
    }

    private static int word(byte[] b, int at) {
        return (b[at] & 0xFF) | (b[at + 1] & 0xFF) << 8 | (b[at + 2] & 0xFF) << 16 | b[at + 3] << 24;
    }
}
