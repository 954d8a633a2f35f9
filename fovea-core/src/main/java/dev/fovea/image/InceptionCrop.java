package dev.fovea.image;

import dev.fovea.config.Default;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A crop of random area and ratio, resized (TensorFlow's {@code sample_distorted_bounding_box}, big_vision
 * {@code inception_crop}).
 *
 * @param size rows of the result, and columns unless {@code width} is given; null leaves the crop as it is
 * @param minArea least part of the picture's area, 0 to 1
 * @param minRatio least width by height
 */
public record InceptionCrop(
        @Nullable Integer size,
        @Nullable Integer width,
        @Default("0.05") double minArea,
        @Default("1") double maxArea,
        @Default("0.75") double minRatio,
        @Default("1.33") double maxRatio,
        @Default("bilinear") Filter filter,
        @Default("false") boolean antialias)
        implements Step {

    private static final int ATTEMPTS = 100;

    /** Part of a picture. */
    public record Box(int top, int left, int height, int width) {}

    public InceptionCrop {
        if (!(minArea > 0 && minArea <= maxArea && maxArea <= 1 && minRatio > 0 && minRatio <= maxRatio)) {
            throw new IllegalArgumentException(
                    "inceptionCrop: found area %s to %s and ratio %s to %s, wanted 0 < minArea <= maxArea <= 1 and 0 < minRatio <= maxRatio"
                            .formatted(minArea, maxArea, minRatio, maxRatio));
        }
    }

    /** The published settings at a size. */
    public static InceptionCrop of(int size) {
        return new InceptionCrop(size, null, 0.05, 1, 0.75, 1.33, Filter.BILINEAR, false);
    }

    @Override
    public Picture apply(Picture x, RandomGenerator random) {
        return crop(x, draw(x.height(), x.width(), random));
    }

    /** The result for a box already drawn. */
    public Picture crop(Picture x, Box box) {
        if (size == null) {
            return x.crop(box.top, box.left, box.height, box.width);
        }
        int columns = width == null ? size : width;
        return switch (x) {
            case Image image ->
                Resize.resize(image, box.top, box.left, box.height, box.width, size, columns, filter, antialias);
            case Pixels pixels ->
                Resize.resize(pixels.crop(box.top, box.left, box.height, box.width), size, columns, filter, antialias);
        };
    }

    /** A random box; the whole picture when a hundred draws find none of the wanted area and ratio inside it. */
    public Box draw(int rows, int columns, RandomGenerator random) {
        double area = (double) rows * columns;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            double ratio = minRatio + random.nextDouble() * (maxRatio - minRatio);
            int least = (int) Math.rint(Math.sqrt(minArea * area / ratio));
            int most = Math.min((int) Math.rint(Math.sqrt(maxArea * area / ratio)), rows);
            if (Math.rint(most * ratio) > columns) {
                most = (int) Math.floor((columns + 0.5 - 1e-7) / ratio);
            }
            int height = least >= most ? most : random.nextInt(least, most + 1);
            height = nudged(height, ratio, area);
            int boxWidth = (int) Math.rint(height * ratio);
            double found = (double) height * boxWidth;
            if (height < 1
                    || boxWidth < 1
                    || height > rows
                    || boxWidth > columns
                    || found < minArea * area
                    || found > maxArea * area) {
                continue;
            }
            return new Box(random.nextInt(rows - height + 1), random.nextInt(columns - boxWidth + 1), height, boxWidth);
        }
        return new Box(0, 0, rows, columns);
    }

    /** Rounding may have left the area just outside the limits. */
    private int nudged(int height, double ratio, double area) {
        double found = height * Math.rint(height * ratio);
        return found < minArea * area ? height + 1 : found > maxArea * area ? height - 1 : height;
    }
}
