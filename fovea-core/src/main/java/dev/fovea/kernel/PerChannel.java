package dev.fovea.kernel;

/**
 * Rows of integers with one scale each, symmetric around zero: {@code q = round(x * s)}, {@code x = q / s}, with
 * {@code s = (2^(bits-1) - 1) / max|x|} of the row.
 *
 * @param bits 4 or 8
 * @param columns values of a row
 * @param packed rows one after the other; of 4 bits two a byte, the first one low, each row beginning with a byte
 * @param scales one a row, 0 for a row of zeros
 */
public record PerChannel(int bits, int columns, byte[] packed, float[] scales) {

    public PerChannel {
        if (bits != 4 && bits != 8) {
            throw new IllegalArgumentException("%d bits, wanted 4 or 8".formatted(bits));
        }
        if (packed.length != (long) scales.length * rowBytes(bits, columns)) {
            throw new IllegalArgumentException("%d rows of %d values of %d bits in %d bytes"
                    .formatted(scales.length, columns, bits, packed.length));
        }
    }

    /** Quantises rows of {@code columns} values; halves are rounded to even, as NumPy and JAX do. */
    public static PerChannel of(float[] x, int columns, int bits) {
        int rows = columns == 0 ? 0 : x.length / columns;
        if (columns < 1 || x.length % columns != 0) {
            throw new IllegalArgumentException("%d values are no rows of %d".formatted(x.length, columns));
        }
        var scales = new float[rows];
        var packed = new byte[rows * rowBytes(bits, columns)];
        int bound = (1 << (bits - 1)) - 1;
        for (int r = 0; r < rows; r++) {
            float max = 0;
            for (int c = 0; c < columns; c++) {
                max = Math.max(max, Math.abs(finite(x[r * columns + c], r, c)));
            }
            scales[r] = max == 0 ? 0 : Math.min(bound / max, Float.MAX_VALUE);
            for (int c = 0; c < columns; c++) {
                long q = Math.clamp((long) Math.rint(x[r * columns + c] * scales[r]), -bound - 1, bound);
                put(packed, bits, columns, r, c, (int) q);
            }
        }
        return new PerChannel(bits, columns, packed, scales);
    }

    /** Number of rows. */
    public int rows() {
        return scales.length;
    }

    /** The integer of a row and column. */
    public int get(int row, int column) {
        int at = row * rowBytes(bits, columns);
        if (bits == 8) {
            return packed[at + column];
        }
        int pair = packed[at + column / 2];
        return column % 2 == 0 ? pair << 28 >> 28 : pair >> 4;
    }

    /** What the integers stand for, row-major. */
    public float[] toFloats() {
        var x = new float[rows() * columns];
        for (int r = 0; r < rows(); r++) {
            for (int c = 0; c < columns; c++) {
                x[r * columns + c] = scales[r] == 0 ? 0 : get(r, c) / scales[r];
            }
        }
        return x;
    }

    private static void put(byte[] packed, int bits, int columns, int row, int column, int q) {
        int at = row * rowBytes(bits, columns);
        if (bits == 8) {
            packed[at + column] = (byte) q;
        } else {
            packed[at + column / 2] |= (byte) ((q & 0xF) << (column % 2 * 4));
        }
    }

    private static int rowBytes(int bits, int columns) {
        return bits == 8 ? columns : (columns + 1) / 2;
    }

    static float finite(float x, int row, int column) {
        if (!Float.isFinite(x)) {
            throw new IllegalArgumentException("weight [%d, %d] is %s".formatted(row, column, x));
        }
        return x;
    }
}
