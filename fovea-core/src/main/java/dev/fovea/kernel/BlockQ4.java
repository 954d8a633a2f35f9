package dev.fovea.kernel;

/**
 * 4-bit integers in blocks of 32 with one scale, as GGUF's Q4_0 has them: {@code x = d * (q - 8)}, where {@code d} is the
 * value of largest magnitude divided by -8 and {@code q = trunc(x / d + 8.5)}, at most 15. So the largest is exact but for
 * the rounding of {@code d} to float16, and one of the same size and the other sign is off by {@code d}.
 */
public final class BlockQ4 {

    /** Values of a block. */
    public static final int BLOCK = 32;
    /** Bytes of a block: a float16 scale; value j low and value j + 16 high in byte j. */
    public static final int BYTES = 18;

    private static final int HALF = BLOCK / 2;

    private BlockQ4() {}

    /** Quantises whole blocks. */
    public static byte[] pack(float[] x) {
        var packed = new byte[blocks(x.length, BLOCK) * BYTES];
        var q = new byte[BLOCK];
        for (int at = 0, to = 0; at < x.length; at += BLOCK, to += BYTES) {
            float d = quantise(x, at, q);
            short half = Float.floatToFloat16(d);
            packed[to] = (byte) half;
            packed[to + 1] = (byte) (half >> 8);
            for (int j = 0; j < HALF; j++) {
                packed[to + 2 + j] = (byte) (q[j] | q[j + HALF] << 4);
            }
        }
        return packed;
    }

    /** What packed blocks stand for. */
    public static float[] unpack(byte[] packed) {
        var x = new float[blocks(packed.length, BYTES) * BLOCK];
        for (int at = 0, to = 0; at < packed.length; at += BYTES, to += BLOCK) {
            float d = Float.float16ToFloat((short) ((packed[at] & 0xFF) | packed[at + 1] << 8));
            for (int j = 0; j < HALF; j++) {
                x[to + j] = d * ((packed[at + 2 + j] & 0xF) - 8);
                x[to + j + HALF] = d * ((packed[at + 2 + j] >> 4 & 0xF) - 8);
            }
        }
        return x;
    }

    /** Integers 0 to 15 of the block at {@code x[at]}, and its scale before any rounding. */
    static float quantise(float[] x, int at, byte[] q) {
        float m = 0;
        for (int j = 0; j < BLOCK; j++) {
            float value = PerChannel.finite(x[at + j], at / BLOCK, j);
            m = Math.abs(value) > Math.abs(m) ? value : m;
        }
        float d = m / -8;
        for (int j = 0; j < BLOCK; j++) {
            q[j] = (byte) (d == 0 ? 8 : Math.clamp((int) (x[at + j] / d + 8.5f), 0, 15));
        }
        return d;
    }

    private static int blocks(int length, int size) {
        if (length % size != 0) {
            throw new IllegalArgumentException("%d are no whole blocks of %d".formatted(length, size));
        }
        return length / size;
    }
}
