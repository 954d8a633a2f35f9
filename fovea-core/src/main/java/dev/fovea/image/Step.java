package dev.fovea.image;

import dev.fovea.config.Default;
import dev.fovea.config.TypeKey;
import dev.fovea.config.TypeName;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One step of a {@link Preprocess}, in a configuration a mapping whose {@code op} names it:
 * {@code {op: inceptionCrop, size: 224}}. Where a step has {@code size} and {@code width}, the first is the number of
 * rows, and of columns too unless {@code width} is given.
 */
@TypeKey("op")
public sealed interface Step
        permits InceptionCrop,
                PointStep,
                RandAugment,
                Step.CentralCrop,
                Step.FlipLeftRight,
                Step.PadTo,
                Step.PillowResizeSmall,
                Step.PillowResizeTo,
                Step.RandomCrop,
                Step.ResizeLong,
                Step.ResizeSmall,
                Step.ResizeTo {

    /** The step's result; what it draws, it draws from {@code random}. */
    Picture apply(Picture x, RandomGenerator random);

    /** Both sides to a size, whatever the ratio, as {@code tf.image.resize}. */
    @TypeName("resize")
    record ResizeTo(
            int size,
            @Nullable Integer width,
            @Default("bilinear") Filter filter,
            @Default("false") boolean antialias) implements Step {

        @Override
        public Picture apply(Picture x, RandomGenerator random) {
            return Resize.resize(x, size, columns(size, width), filter, antialias);
        }
    }

    /** Both sides to a size as Pillow and the processors of Hugging Face do it; on bytes only. */
    @TypeName("pillowResize")
    record PillowResizeTo(
            int size,
            @Nullable Integer width,
            @Default("bicubic") Filter filter) implements Step {

        @Override
        public Picture apply(Picture x, RandomGenerator random) {
            return PillowResize.resize(bytes(x, "pillowResize"), size, columns(size, width), filter);
        }
    }

    /** The shorter side to a size as Hugging Face's processors do it, the longer rounded down; on bytes only. */
    record PillowResizeSmall(int size, @Default("bicubic") Filter filter) implements Step {

        @Override
        public Picture apply(Picture x, RandomGenerator random) {
            Image image = bytes(x, "pillowResizeSmall");
            int shorter = Math.min(x.height(), x.width());
            int height = (int) ((long) size * x.height() / shorter);
            int width = (int) ((long) size * x.width() / shorter);
            return PillowResize.resize(image, height, width, filter);
        }
    }

    /** The shorter side to a size, the longer by the same factor. */
    record ResizeSmall(
            int size,
            @Default("area") Filter filter,
            @Default("false") boolean antialias) implements Step {

        @Override
        public Picture apply(Picture x, RandomGenerator random) {
            return Resize.resizeSmall(x, size, filter, antialias);
        }
    }

    /** The longer side to a size, the shorter by the same factor. */
    record ResizeLong(
            int size,
            @Default("area") Filter filter,
            @Default("false") boolean antialias) implements Step {

        @Override
        public Picture apply(Picture x, RandomGenerator random) {
            return Resize.resizeLong(x, size, filter, antialias);
        }
    }

    /** The middle, odd margins smaller above and left; without a size the largest square. */
    record CentralCrop(@Nullable Integer size, @Nullable Integer width) implements Step {

        @Override
        public Picture apply(Picture x, RandomGenerator random) {
            int rows = size == null ? Math.min(x.height(), x.width()) : size;
            int columns = columns(rows, width);
            return x.crop(Math.floorDiv(x.height() - rows, 2), Math.floorDiv(x.width() - columns, 2), rows, columns);
        }
    }

    /** A crop at a random place, of the picture with {@code padding} values {@code fill} on every side. */
    record RandomCrop(
            int size,
            @Nullable Integer width,
            @Default("0") int padding,
            @Default("0") int fill) implements Step {

        @Override
        public Picture apply(Picture x, RandomGenerator random) {
            int columns = columns(size, width);
            Picture padded = padding == 0 ? x : x.pad(padding, padding, padding, padding, fill);
            int top = random.nextInt(Math.max(1, padded.height() - size + 1));
            int left = random.nextInt(Math.max(1, padded.width() - columns + 1));
            return padded.crop(top, left, size, columns);
        }
    }

    /** The mirror image, with the given probability. */
    record FlipLeftRight(@Default("0.5") double probability) implements Step {

        @Override
        public Picture apply(Picture x, RandomGenerator random) {
            return random.nextDouble() < probability ? x.flipLeftRight() : x;
        }
    }

    /** A border that fills the picture up to a size. */
    record PadTo(
            int size,
            @Nullable Integer width,
            @Default("both") Where where,
            @Default("0") int fill) implements Step {

        /** Where the border goes; with both, the odd row or column goes after. */
        public enum Where {
            BEFORE,
            AFTER,
            BOTH
        }

        @Override
        public Picture apply(Picture x, RandomGenerator random) {
            int rows = size - x.height();
            int columns = columns(size, width) - x.width();
            if (rows < 0 || columns < 0) {
                throw new IllegalArgumentException("padTo: the picture is [%d, %d], larger than [%d, %d]"
                        .formatted(x.height(), x.width(), size, columns(size, width)));
            }
            int top = before(rows);
            int left = before(columns);
            return x.pad(top, rows - top, left, columns - left, fill);
        }

        private int before(int margin) {
            return switch (where) {
                case BEFORE -> margin;
                case AFTER -> 0;
                case BOTH -> margin / 2;
            };
        }
    }

    private static int columns(int size, @Nullable Integer width) {
        return width == null ? size : width;
    }

    /** The picture when it is of bytes still; an error that says so when it is not. */
    static Image bytes(Picture x, String op) {
        if (x instanceof Image image) {
            return image;
        }
        throw new IllegalArgumentException(op + " takes bytes and found floats; put it before valueRange or normalize");
    }
}
