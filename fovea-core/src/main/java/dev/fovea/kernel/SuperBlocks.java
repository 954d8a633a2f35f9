package dev.fovea.kernel;

import static dev.fovea.kernel.SmallBlocks.bits;
import static dev.fovea.kernel.SmallBlocks.half;

/**
 * Blocks of 256 values (the K types): groups of 16 or 32 values have small integer scales, and minima, of their own under
 * one scale of the block.
 */
final class SuperBlocks {

    private static final int BLOCK = 256;

    private SuperBlocks() {}

    /** 2 bits: 16 bytes of scale and minimum, 64 of values, two scales. */
    static void q2(byte[] b, int at, float[] y, int to) {
        float d = half(b, at + 80);
        float min = half(b, at + 82);
        for (int i = 0; i < BLOCK; i++) {
            int scales = b[at + i / 16];
            int q = bits(b[at + 16 + i / 128 * 32 + i % 32], i / 32 % 4 * 2, 3);
            y[to + i] = d * bits(scales, 0, 0xF) * q - min * bits(scales, 4, 0xF);
        }
    }

    /** 3 bits: 32 bytes of high bits, 64 of low ones, 12 of scales, one scale. */
    static void q3(byte[] b, int at, float[] y, int to) {
        float d = half(b, at + 108);
        for (int i = 0; i < BLOCK; i++) {
            int low = bits(b[at + 32 + i / 128 * 32 + i % 32], i / 32 % 4 * 2, 3);
            int high = bits(b[at + i % 32], i / 32, 1); // clear means 4 less
            y[to + i] = d * q3Scale(b, at + 96, i / 16) * (low - (high == 1 ? 0 : 4));
        }
    }

    /** Scale {@code g} of 16, 6 bits: the low four of all in eight bytes, the high two in four. */
    private static int q3Scale(byte[] b, int at, int g) {
        int low = bits(b[at + g % 8], g / 8 * 4, 0xF);
        int high = bits(b[at + 8 + g % 4], g / 4 * 2, 3);
        return (low | high << 4) - 32;
    }

    /** 4 bits: two scales, 12 bytes of scales and minima, 128 of values. */
    static void q4(byte[] b, int at, float[] y, int to) {
        float d = half(b, at);
        float min = half(b, at + 2);
        for (int g = 0; g < 8; g++) {
            float scale = d * scale(b, at + 4, g);
            float offset = min * minimum(b, at + 4, g);
            for (int j = 0; j < 32; j++) {
                int q = bits(b[at + 16 + g / 2 * 32 + j], g % 2 * 4, 0xF);
                y[to + g * 32 + j] = scale * q - offset;
            }
        }
    }

    /** 5 bits: as the 4-bit one, with 32 bytes of high bits before the values. */
    static void q5(byte[] b, int at, float[] y, int to) {
        float d = half(b, at);
        float min = half(b, at + 2);
        for (int g = 0; g < 8; g++) {
            float scale = d * scale(b, at + 4, g);
            float offset = min * minimum(b, at + 4, g);
            for (int j = 0; j < 32; j++) {
                int low = bits(b[at + 48 + g / 2 * 32 + j], g % 2 * 4, 0xF);
                int high = bits(b[at + 16 + j], g, 1);
                y[to + g * 32 + j] = scale * (low | high << 4) - offset;
            }
        }
    }

    /** Scale {@code g} of 8, 6 bits; of the last four the high two stand above the first four's. */
    private static int scale(byte[] b, int at, int g) {
        return g < 4 ? bits(b[at + g], 0, 63) : bits(b[at + g + 4], 0, 0xF) | bits(b[at + g - 4], 6, 3) << 4;
    }

    private static int minimum(byte[] b, int at, int g) {
        return g < 4 ? bits(b[at + g + 4], 0, 63) : bits(b[at + g + 4], 4, 0xF) | bits(b[at + g], 6, 3) << 4;
    }

    /** 6 bits: 128 bytes of low bits, 64 of high ones, 16 signed scales, one scale. */
    static void q6(byte[] b, int at, float[] y, int to) {
        float d = half(b, at + 208);
        for (int i = 0; i < BLOCK; i++) {
            int part = i / 128;
            int quarter = i / 32 % 4;
            int low = bits(b[at + part * 64 + quarter % 2 * 32 + i % 32], quarter / 2 * 4, 0xF);
            int high = bits(b[at + 128 + part * 32 + i % 32], quarter * 2, 3);
            y[to + i] = d * b[at + 192 + i / 16] * ((low | high << 4) - 32);
        }
    }
}
