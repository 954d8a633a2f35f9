package dev.fovea.kernel;

/**
 * Switched 8-bit floating point (the Gemma 3 report's SFP8, arXiv 2503.19786): rows scaled to a maximum of 1.875; from
 * 2^-7 up numbers have three bits of fraction, below, down to 2^-23, two. The 256 codes are a sign, and the magnitudes in rising
 * order, the first being zero.
 *
 * @param columns values of a row
 * @param codes one byte a value, row-major
 * @param scales one a row: the value that 1.875 stands for, divided by it; 0 for a row of zeros
 */
public record Sfp8(int columns, byte[] codes, float[] scales) {

    private static final float MAX = 1.875f;
    /** Below this a scaled value is zero. */
    private static final float FLUSH = 1.1175882e-7f;
    /** The least that others become: 1.25 * 2^-23. */
    private static final float LEAST = 1.490116e-7f;
    /** The exponents at which the two kinds of numbers begin. */
    private static final int COARSE = -23;

    private static final int FINE = -7;
    /** Codes of either kind. */
    private static final int KIND = 64;

    private static final float[] MAGNITUDES = magnitudes();

    public Sfp8 {
        if (codes.length != (long) columns * scales.length) {
            throw new IllegalArgumentException(
                    "%d codes in %d rows of %d".formatted(codes.length, scales.length, columns));
        }
    }

    /** Quantises rows of {@code columns} values. */
    public static Sfp8 of(float[] x, int columns) {
        if (columns < 1 || x.length % columns != 0) {
            throw new IllegalArgumentException("%d values are no rows of %d".formatted(x.length, columns));
        }
        var codes = new byte[x.length];
        var scales = new float[x.length / columns];
        for (int r = 0; r < scales.length; r++) {
            float max = 0;
            for (int c = 0; c < columns; c++) {
                max = Math.max(max, Math.abs(PerChannel.finite(x[r * columns + c], r, c)));
            }
            scales[r] = max / MAX;
            for (int c = 0; c < columns; c++) {
                codes[r * columns + c] = scales[r] == 0 ? 0 : code(x[r * columns + c] / scales[r]);
            }
        }
        return new Sfp8(columns, codes, scales);
    }

    /** What the codes stand for, row-major. */
    public float[] toFloats() {
        var x = new float[codes.length];
        for (int i = 0; i < x.length; i++) {
            float magnitude = MAGNITUDES[codes[i] & 0x7F] * scales[i / columns];
            x[i] = codes[i] < 0 ? -magnitude : magnitude;
        }
        return x;
    }

    private static byte code(float x) {
        float size = Math.abs(x);
        if (size < FLUSH) {
            return 0;
        }
        size = Math.clamp(size, LEAST, MAX);
        int exponent = Math.getExponent(size);
        boolean coarse = exponent < FINE;
        // Rounding up past the last fraction gives the next exponent's first code, as codes are in order.
        int index = coarse
                ? (int) Math.rint((Math.scalb(size, -exponent) - 1) * 4) + (exponent - COARSE) * 4
                : (int) Math.rint((Math.scalb(size, -exponent) - 1) * 8) + (exponent - FINE) * 8 + KIND;
        return (byte) (x < 0 ? index | 0x80 : index);
    }

    private static float[] magnitudes() {
        var table = new float[2 * KIND];
        for (int i = 1; i < KIND; i++) {
            table[i] = Math.scalb(1 + i % 4 / 4f, COARSE + i / 4);
            table[KIND + i] = Math.scalb(1 + i % 8 / 8f, FINE + i / 8);
        }
        table[KIND] = Math.scalb(1f, FINE);
        return table;
    }
}
