package dev.fovea.image;

/**
 * Resizing with the numerics of {@code tf.image.resize} and big_vision around it: half-pixel centres, float arithmetic,
 * bytes clipped and then cut off, not rounded. For the arithmetic of Pillow see {@link PillowResize}.
 */
public final class Resize {

    private Resize() {}

    /** A picture of bytes at another size. */
    public static Image resize(Image x, int height, int width, Filter filter, boolean antialias) {
        return resize(x, 0, 0, x.height(), x.width(), height, width, filter, antialias);
    }

    /** The part of a picture inside a box at another size; the box's edge is the edge of the picture to the filter. */
    public static Image resize(
            Image x,
            int top,
            int left,
            int boxHeight,
            int boxWidth,
            int height,
            int width,
            Filter filter,
            boolean antialias) {
        if (boxHeight == height && boxWidth == width && filter.interpolates()) {
            return x.crop(top, left, boxHeight, boxWidth);
        }
        Taps rows = Taps.of(boxHeight, height, filter, antialias);
        Taps columns = Taps.of(boxWidth, width, filter, antialias);
        var out = new byte[height * width * 3];
        var line = new float[boxWidth * 3];
        var result = new float[width * 3];
        for (int y = 0; y < height; y++) {
            mixRows(x.rgb(), (top * x.width() + left) * 3, x.width() * 3, rows, y, line);
            mixColumns(line, columns, 3, result);
            int at = y * width * 3;
            for (int i = 0; i < result.length; i++) {
                out[at + i] = (byte) (int) Math.max(0f, Math.min(255f, result[i]));
            }
        }
        return new Image(height, width, out);
    }

    /** A picture of floats at another size, not clipped. */
    public static Pixels resize(Pixels x, int height, int width, Filter filter, boolean antialias) {
        if (x.height() == height && x.width() == width && filter.interpolates()) {
            return x;
        }
        int channels = x.channels();
        Taps rows = Taps.of(x.height(), height, filter, antialias);
        Taps columns = Taps.of(x.width(), width, filter, antialias);
        var out = new float[height * width * channels];
        var line = new float[x.width() * channels];
        var result = new float[width * channels];
        for (int y = 0; y < height; y++) {
            mixRows(x.values(), rows, y, line);
            mixColumns(line, columns, channels, result);
            System.arraycopy(result, 0, out, y * result.length, result.length);
        }
        return new Pixels(height, width, channels, out);
    }

    /** Either kind of picture at another size. */
    public static Picture resize(Picture x, int height, int width, Filter filter, boolean antialias) {
        return switch (x) {
            case Image image -> resize(image, height, width, filter, antialias);
            case Pixels pixels -> resize(pixels, height, width, filter, antialias);
        };
    }

    /** big_vision's resize_small: the shorter side becomes {@code size}, the longer keeps the ratio, rounded. */
    public static Picture resizeSmall(Picture x, int size, Filter filter, boolean antialias) {
        return byFactor(x, (float) size / Math.min(x.height(), x.width()), filter, antialias);
    }

    /** big_vision's resize_long: the longer side becomes {@code size}, the shorter keeps the ratio, rounded. */
    public static Picture resizeLong(Picture x, int size, Filter filter, boolean antialias) {
        return byFactor(x, (float) size / Math.max(x.height(), x.width()), filter, antialias);
    }

    private static Picture byFactor(Picture x, float factor, Filter filter, boolean antialias) {
        int height = Math.max(1, (int) Math.rint(x.height() * factor));
        int width = Math.max(1, (int) Math.rint(x.width() * factor));
        return resize(x, height, width, filter, antialias);
    }

    private static void mixRows(byte[] in, int origin, int stride, Taps rows, int y, float[] line) {
        int from = origin + rows.starts()[y] * stride;
        int count = rows.counts()[y];
        int w = y * rows.width();
        int k = 0;
        if (count == 1) {
            mixOne(in, from, rows.weights()[w], line);
            k = 1;
        } else if (count >= 2) {
            mixTwo(in, from, from + stride, rows.weights()[w], rows.weights()[w + 1], line);
            k = 2;
        }
        for (; k + 1 < count; k += 2) {
            addTwo(
                    in,
                    from + k * stride,
                    from + (k + 1) * stride,
                    rows.weights()[w + k],
                    rows.weights()[w + k + 1],
                    line);
        }
        if (k < count) {
            addOne(in, from + k * stride, rows.weights()[w + k], line);
        }
    }

    private static void mixOne(byte[] in, int a, float p, float[] line) {
        for (int i = 0; i < line.length; i++) {
            line[i] = p * (in[a + i] & 0xff);
        }
    }

    private static void mixTwo(byte[] in, int a, int b, float p, float q, float[] line) {
        for (int i = 0; i < line.length; i++) {
            line[i] = p * (in[a + i] & 0xff) + q * (in[b + i] & 0xff);
        }
    }

    private static void addOne(byte[] in, int a, float p, float[] line) {
        for (int i = 0; i < line.length; i++) {
            line[i] += p * (in[a + i] & 0xff);
        }
    }

    private static void addTwo(byte[] in, int a, int b, float p, float q, float[] line) {
        for (int i = 0; i < line.length; i++) {
            line[i] += p * (in[a + i] & 0xff) + q * (in[b + i] & 0xff);
        }
    }

    private static void mixRows(float[] in, Taps rows, int y, float[] line) {
        int from = rows.starts()[y] * line.length;
        for (int k = 0; k < rows.counts()[y]; k++) {
            float p = rows.weights()[y * rows.width() + k];
            int a = from + k * line.length;
            for (int i = 0; i < line.length; i++) {
                line[i] = k == 0 ? p * in[a + i] : line[i] + p * in[a + i];
            }
        }
    }

    private static void mixColumns(float[] line, Taps columns, int channels, float[] out) {
        if (channels == 3) {
            mixColumns3(line, columns, out);
            return;
        }
        for (int x = 0; x < columns.outputs(); x++) {
            int from = columns.starts()[x] * channels;
            for (int c = 0; c < channels; c++) {
                float sum = 0;
                for (int k = 0; k < columns.counts()[x]; k++) {
                    sum += columns.weights()[x * columns.width() + k] * line[from + k * channels + c];
                }
                out[x * channels + c] = sum;
            }
        }
    }

    private static void mixColumns3(float[] line, Taps columns, float[] out) {
        float[] weights = columns.weights();
        for (int x = 0; x < columns.outputs(); x++) {
            int at = columns.starts()[x] * 3;
            int w = x * columns.width();
            int end = w + columns.counts()[x];
            float r = 0;
            float g = 0;
            float b = 0;
            for (; w < end; w++, at += 3) {
                float p = weights[w];
                r += p * line[at];
                g += p * line[at + 1];
                b += p * line[at + 2];
            }
            out[3 * x] = r;
            out[3 * x + 1] = g;
            out[3 * x + 2] = b;
        }
    }
}
