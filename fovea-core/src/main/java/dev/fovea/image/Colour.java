package dev.fovea.image;

/** Colour spaces of JPEG to RGB, bit for bit as libjpeg and Pillow do it. */
final class Colour {

    private static final int HALF = 1 << 15;
    private static final int[] CR_RED = new int[256];
    private static final int[] CB_BLUE = new int[256];
    private static final int[] CR_GREEN = new int[256];
    private static final int[] CB_GREEN = new int[256];

    static {
        for (int i = 0; i < 256; i++) {
            int x = i - 128;
            CR_RED[i] = (fixed(1.40200) * x + HALF) >> 16;
            CB_BLUE[i] = (fixed(1.77200) * x + HALF) >> 16;
            CR_GREEN[i] = -fixed(0.71414) * x;
            CB_GREEN[i] = -fixed(0.34414) * x + HALF;
        }
    }

    private Colour() {}

    private static int fixed(double x) {
        return (int) (x * 65536 + 0.5);
    }

    /**
     * Rows that were doubled, smoothed in place as libjpeg-turbo does it: three parts of the row, one of the neighbour.
     * The libjpeg of the JDK only doubles them.
     */
    static void smoothRows(byte[] data, int height, int width, int bands, int band) {
        int rows = (height + 1) / 2;
        var stored = new byte[rows * width];
        for (int i = 0; i < stored.length; i++) {
            stored[i] = data[(i / width * 2 * width + i % width) * bands + band];
        }
        for (int y = 0; y < height; y++) {
            int row = y / 2 * width;
            int neighbour = Math.clamp(y / 2 + (y % 2 == 0 ? -1 : 1), 0, rows - 1) * width;
            int bias = y % 2 == 0 ? 1 : 2;
            for (int x = 0, k = y * width * bands + band; x < width; x++, k += bands) {
                int sum = 3 * (stored[row + x] & 0xff) + (stored[neighbour + x] & 0xff) + bias;
                data[k] = (byte) (sum >> 2);
            }
        }
    }

    static byte[] greyToRgb(byte[] grey) {
        var rgb = new byte[grey.length * 3];
        for (int i = 0, k = 0; i < grey.length; i++, k += 3) {
            byte v = grey[i];
            rgb[k] = v;
            rgb[k + 1] = v;
            rgb[k + 2] = v;
        }
        return rgb;
    }

    /** In place, on the first three of {@code bands} interleaved bands. */
    static byte[] yccToRgb(byte[] ycc, int bands) {
        for (int i = 0; i < ycc.length; i += bands) {
            int y = ycc[i] & 0xff;
            int cb = ycc[i + 1] & 0xff;
            int cr = ycc[i + 2] & 0xff;
            ycc[i] = clip(y + CR_RED[cr]);
            ycc[i + 1] = clip(y + ((CB_GREEN[cb] + CR_GREEN[cr]) >> 16));
            ycc[i + 2] = clip(y + CB_BLUE[cb]);
        }
        return ycc;
    }

    /** In place; what libjpeg calls YCCK to CMYK: red, green and blue become their complements, black stays. */
    static byte[] ycckToCmyk(byte[] ycck) {
        yccToRgb(ycck, 4);
        for (int i = 0; i < ycck.length; i += 4) {
            ycck[i] = (byte) ~ycck[i];
            ycck[i + 1] = (byte) ~ycck[i + 1];
            ycck[i + 2] = (byte) ~ycck[i + 2];
        }
        return ycck;
    }

    /** Without a profile; Adobe's files, {@code inverted}, store 255 - ink. */
    static byte[] cmykToRgb(byte[] cmyk, boolean inverted) {
        var rgb = new byte[cmyk.length / 4 * 3];
        int flip = inverted ? 0 : 255;
        for (int i = 0, k = 0; i < cmyk.length; i += 4, k += 3) {
            int light = (cmyk[i + 3] & 0xff) ^ flip;
            for (int c = 0; c < 3; c++) {
                int ink = 255 - ((cmyk[i + c] & 0xff) ^ flip);
                rgb[k + c] = clip(light - divide255(ink * light));
            }
        }
        return rgb;
    }

    /** x / 255, rounded. */
    static int divide255(int x) {
        int y = x + 128;
        return ((y >> 8) + y) >> 8;
    }

    static byte clip(int v) {
        return (byte) Math.max(0, Math.min(255, v));
    }
}
