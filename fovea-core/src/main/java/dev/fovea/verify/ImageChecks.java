package dev.fovea.verify;

import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.image.Pixels;
import dev.fovea.image.PreprocessorConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/** Published image processors: the bytes after resizing, and the pixel values. */
final class ImageChecks {

    private static final RandomGenerator NO_DRAWS = new Random(0);

    private ImageChecks() {}

    static void processor(Case c) {
        PreprocessorConfig config = PreprocessorConfig.read(c.folder());
        for (var source : c.json("sources.json").required("images")) {
            String name = source.required("name").asString();
            Image image = ImageDecoder.read(c.images().resolve(name));
            var bytes = new ArrayList<Image>();
            var values = new ArrayList<Pixels>();
            for (Image view : config.views(image)) {
                bytes.add(config.preprocess().preview(view, NO_DRAWS));
                values.add(config.preprocess().apply(view, NO_DRAWS));
            }
            c.expected().forEach((tensor, shape) -> {
                if (tensor.endsWith("." + name)) {
                    String what = tensor.substring(0, tensor.length() - name.length() - 1);
                    compare(c, tensor, shape, what, bytes, values);
                }
            });
        }
    }

    private static void compare(
            Case c, String tensor, long[] shape, String what, List<Image> bytes, List<Pixels> values) {
        long views = bytes.size();
        switch (what) {
            case "pil", "torchvision" ->
                c.compare(tensor, sampled(bytes, (int) shape[2]), views, 3, shape[2], shape[3]);
            case "block_mean" -> c.compare(tensor, blockMeans(values, (int) shape[2]), views, 3, shape[2], shape[3]);
            case "std" -> c.compare(tensor, deviations(values), views, 3);
            case "pixel_values_corner" ->
                c.compare(tensor, corners(values, (int) shape[2], (int) shape[3]), views, 3, shape[2], shape[3]);
            default -> {} // left for the harness to report as recorded and not compared
        }
    }

    /** Every n-th row and column from the n/2-th, plane by plane. */
    private static long[] sampled(List<Image> images, int rows) {
        var sampled = new ArrayList<Long>();
        for (Image x : images) {
            int step = x.height() / rows;
            for (int channel = 0; channel < 3; channel++) {
                for (int row = step / 2; row < x.height(); row += step) {
                    for (int column = step / 2; column < x.width(); column += step) {
                        sampled.add((long) x.at(row, column, channel));
                    }
                }
            }
        }
        return sampled.stream().mapToLong(Long::longValue).toArray();
    }

    private static double[] blockMeans(List<Pixels> values, int blocks) {
        var means = new double[values.size() * 3 * blocks * blocks];
        int plane = 0;
        for (Pixels x : values) {
            float[] planes = x.planes();
            int area = x.height() * x.width();
            for (int channel = 0; channel < 3; channel++, plane++) {
                for (int i = 0; i < area; i++) {
                    int block = i / x.width() * blocks / x.height() * blocks + i % x.width() * blocks / x.width();
                    means[plane * blocks * blocks + block] +=
                            planes[channel * area + i] * (double) (blocks * blocks) / area;
                }
            }
        }
        return means;
    }

    private static double[] deviations(List<Pixels> values) {
        var deviations = new double[values.size() * 3];
        for (int v = 0; v < values.size(); v++) {
            float[] x = values.get(v).values();
            for (int channel = 0; channel < 3; channel++) {
                double sum = 0;
                double squares = 0;
                for (int i = channel; i < x.length; i += 3) {
                    sum += x[i];
                    squares += (double) x[i] * x[i];
                }
                int n = x.length / 3;
                deviations[v * 3 + channel] = Math.sqrt(squares / n - sum / n * (sum / n));
            }
        }
        return deviations;
    }

    private static float[] corners(List<Pixels> values, int rows, int columns) {
        var corners = new float[values.size() * 3 * rows * columns];
        int at = 0;
        for (Pixels x : values) {
            float[] corner = x.crop(0, 0, rows, columns).planes();
            System.arraycopy(corner, 0, corners, at, corner.length);
            at += corner.length;
        }
        return corners;
    }
}
