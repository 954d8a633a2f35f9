package dev.fovea.image;

/** Operations that look every byte up in a table. */
final class Tones {

    private Tones() {}

    /** Every channel stretched to 0 to 255. */
    static Image autoContrast(Image x) {
        var tables = new byte[3][];
        for (int c = 0; c < 3; c++) {
            int[] histogram = histogram(x, c);
            int low = 0;
            int high = 255;
            while (histogram[low] == 0) {
                low++;
            }
            while (histogram[high] == 0) {
                high--;
            }
            tables[c] = stretch(low, high);
        }
        return look(x, tables);
    }

    private static byte[] stretch(int low, int high) {
        var table = new byte[256];
        float scale = high > low ? 255f / (high - low) : 1;
        float offset = high > low ? -low * scale : 0;
        for (int v = 0; v < 256; v++) {
            table[v] = (byte) (int) Math.max(0, Math.min(255, v * scale + offset));
        }
        return table;
    }

    /** Every channel's histogram made even. */
    static Image equalize(Image x) {
        var tables = new byte[3][];
        for (int c = 0; c < 3; c++) {
            int[] histogram = histogram(x, c);
            int last = 255;
            while (histogram[last] == 0) {
                last--;
            }
            int step = (x.height() * x.width() - histogram[last]) / 255;
            var table = new byte[256];
            int below = 0;
            for (int v = 0; v < 256; v++) {
                table[v] = step == 0 ? (byte) v : v == 0 ? 0 : Colour.clip((below + step / 2) / step);
                below += histogram[v];
            }
            tables[c] = table;
        }
        return look(x, tables);
    }

    /**
     * The upper {@code bits} bits. As in TensorFlow, shifts of more than 7 are shifts of 7, and one below 0, of more bits
     * than there are, is a byte of 248 or more.
     */
    static Image posterize(Image x, int bits) {
        int shift = Math.min(7, (8 - bits) & 0xff);
        var table = new byte[256];
        for (int v = 0; v < 256; v++) {
            table[v] = (byte) ((v >> shift) << shift);
        }
        return look(x, table, table, table);
    }

    /**
     * Bytes of the threshold and above inverted. The threshold is a byte to the reference, so that the 256 of magnitude
     * 10 is 0 and inverts everything.
     */
    static Image solarize(Image x, int threshold) {
        var table = new byte[256];
        for (int v = 0; v < 256; v++) {
            table[v] = (byte) (v < (threshold & 0xff) ? v : 255 - v);
        }
        return look(x, table, table, table);
    }

    /** {@code addition} added to the bytes below 128. */
    static Image solarizeAdd(Image x, int addition) {
        var table = new byte[256];
        for (int v = 0; v < 256; v++) {
            table[v] = v < 128 ? Colour.clip(v + addition) : (byte) v;
        }
        return look(x, table, table, table);
    }

    private static int[] histogram(Image x, int channel) {
        var histogram = new int[256];
        for (int i = channel; i < x.rgb().length; i += 3) {
            histogram[x.rgb()[i] & 0xff]++;
        }
        return histogram;
    }

    private static Image look(Image x, byte[]... tables) {
        var out = new byte[x.rgb().length];
        for (int i = 0; i < out.length; i += 3) {
            out[i] = tables[0][x.rgb()[i] & 0xff];
            out[i + 1] = tables[1][x.rgb()[i + 1] & 0xff];
            out[i + 2] = tables[2][x.rgb()[i + 2] & 0xff];
        }
        return new Image(x.height(), x.width(), out);
    }
}
