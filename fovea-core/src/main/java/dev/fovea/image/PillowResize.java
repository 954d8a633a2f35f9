package dev.fovea.image;

import java.util.Arrays;

/**
 * Resizing as Pillow does, and with it the Pillow backend of Hugging Face's processors, bit for bit: always antialiased,
 * columns before rows, weights of 22 fractional bits, bytes rounded after each axis.
 */
public final class PillowResize {

    private static final int BITS = 22;
    private static final int HALF = 1 << (BITS - 1);

    private PillowResize() {}

    /** A picture at another size; {@code filter} one of nearest, bilinear, bicubic, lanczos3 and area (Pillow's box). */
    public static Image resize(Image x, int height, int width, Filter filter) {
        if (filter == Filter.NEAREST) {
            return Resize.resize(x, height, width, filter, false);
        }
        Image y = x.width() == width ? x : columns(x, Weights.of(x.width(), width, filter));
        return x.height() == height ? y : rows(y, Weights.of(x.height(), height, filter));
    }

    private record Weights(int[] starts, int[] counts, int[] weights, int width) {

        static Weights of(int in, int out, Filter filter) {
            double scale = (double) in / out;
            double stretch = Math.max(scale, 1);
            double support = filter.radius() * stretch;
            int width = (int) Math.ceil(support) * 2 + 1;
            var starts = new int[out];
            var counts = new int[out];
            var weights = new int[out * width];
            var raw = new double[width];
            for (int i = 0; i < out; i++) {
                double centre = (i + 0.5) * scale;
                int from = Math.max(0, (int) (centre - support + 0.5));
                int to = Math.min(in, (int) (centre + support + 0.5));
                double sum = 0;
                for (int k = from; k < to; k++) {
                    raw[k - from] = kernel(filter, (k - centre + 0.5) * (1 / stretch));
                    sum += raw[k - from];
                }
                starts[i] = from;
                counts[i] = to - from;
                for (int k = 0; k < to - from; k++) {
                    double w = (sum == 0 ? raw[k] : raw[k] / sum) * (1 << BITS);
                    weights[i * width + k] = (int) (w < 0 ? w - 0.5 : w + 0.5);
                }
            }
            return new Weights(starts, counts, weights, width);
        }

        private static double kernel(Filter filter, double x) {
            return switch (filter) {
                case AREA -> x > -0.5 && x <= 0.5 ? 1 : 0;
                case BILINEAR, BICUBIC -> filter.weight(Math.abs(x));
                case LANCZOS3 -> x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
                case NEAREST, LANCZOS5, GAUSSIAN, MITCHELLCUBIC ->
                    throw new IllegalArgumentException(
                            "Pillow has no filter %s; it has nearest, area (its box), bilinear, bicubic, lanczos3"
                                    .formatted(filter.key()));
            };
        }

        private static double sinc(double x) {
            return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
        }
    }

    private static Image columns(Image x, Weights weights) {
        int width = weights.starts.length;
        byte[] in = x.rgb();
        var out = new byte[x.height() * width * 3];
        for (int y = 0, o = 0; y < x.height(); y++) {
            int row = y * x.width() * 3;
            for (int i = 0; i < width; i++, o += 3) {
                int at = row + weights.starts[i] * 3;
                int w = i * weights.width;
                int end = w + weights.counts[i];
                int r = HALF;
                int g = HALF;
                int b = HALF;
                for (; w < end; w++, at += 3) {
                    int p = weights.weights[w];
                    r += p * (in[at] & 0xff);
                    g += p * (in[at + 1] & 0xff);
                    b += p * (in[at + 2] & 0xff);
                }
                out[o] = Colour.clip(r >> BITS);
                out[o + 1] = Colour.clip(g >> BITS);
                out[o + 2] = Colour.clip(b >> BITS);
            }
        }
        return new Image(x.height(), width, out);
    }

    private static Image rows(Image x, Weights weights) {
        int height = weights.starts.length;
        int stride = x.width() * 3;
        var out = new byte[height * stride];
        var sums = new int[stride];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, HALF);
            for (int k = 0; k < weights.counts[y]; k++) {
                add(x.rgb(), (weights.starts[y] + k) * stride, weights.weights[y * weights.width + k], sums);
            }
            int at = y * stride;
            for (int i = 0; i < stride; i++) {
                out[at + i] = Colour.clip(sums[i] >> BITS);
            }
        }
        return new Image(height, x.width(), out);
    }

    private static void add(byte[] in, int at, int p, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += p * (in[at + i] & 0xff);
        }
    }
}
