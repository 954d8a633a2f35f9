package dev.fovea.checkpoint;

/** The 256 values of each 8-bit float type. */
final class Float8 {

    private static final float[] E5M2 = ieee(5, 2, 15);
    private static final float[] E4M3 = e4m3();
    private static final float[] E8M0 = e8m0();
    private static final float[] E4M3FNUZ = fnuz(4, 3, 8);
    private static final float[] E5M2FNUZ = fnuz(5, 2, 16);

    private Float8() {}

    static float[] table(DType dtype) {
        return switch (dtype) {
            case F8_E5M2 -> E5M2;
            case F8_E4M3 -> E4M3;
            case F8_E8M0 -> E8M0;
            case F8_E4M3FNUZ -> E4M3FNUZ;
            case F8_E5M2FNUZ -> E5M2FNUZ;
            default -> throw new IllegalArgumentException(dtype + " is not an 8-bit float");
        };
    }

    /** Sign, exponent and mantissa without special values. */
    private static float[] finite(int exponentBits, int mantissaBits, int bias) {
        var table = new float[256];
        for (int code = 0; code < 256; code++) {
            int exponent = (code >> mantissaBits) & ((1 << exponentBits) - 1);
            int mantissa = code & ((1 << mantissaBits) - 1);
            float value = exponent == 0
                    ? Math.scalb((float) mantissa, 1 - bias - mantissaBits)
                    : Math.scalb((float) (mantissa | (1 << mantissaBits)), exponent - bias - mantissaBits);
            table[code] = code < 128 ? value : -value;
        }
        return table;
    }

    /** With infinities and NaNs where all exponent bits are set. */
    private static float[] ieee(int exponentBits, int mantissaBits, int bias) {
        float[] table = finite(exponentBits, mantissaBits, bias);
        int top = ((1 << exponentBits) - 1) << mantissaBits;
        for (int sign = 0; sign < 256; sign += 128) {
            table[sign + top] = sign == 0 ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
            for (int mantissa = 1; mantissa < 1 << mantissaBits; mantissa++) {
                table[sign + top + mantissa] = Float.NaN;
            }
        }
        return table;
    }

    /** Finite, one NaN a sign (the type that is also called e4m3fn). */
    private static float[] e4m3() {
        float[] table = finite(4, 3, 7);
        table[0x7f] = Float.NaN;
        table[0xff] = Float.NaN;
        return table;
    }

    /** Finite, no negative zero: its code is the only NaN. */
    private static float[] fnuz(int exponentBits, int mantissaBits, int bias) {
        float[] table = finite(exponentBits, mantissaBits, bias);
        table[0x80] = Float.NaN;
        return table;
    }

    /** Powers of two, no sign; 255 is NaN. */
    private static float[] e8m0() {
        var table = new float[256];
        for (int code = 0; code < 255; code++) {
            table[code] = (float) Math.scalb(1.0, code - 127);
        }
        table[255] = Float.NaN;
        return table;
    }
}
