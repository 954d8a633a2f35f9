package dev.fovea.data.drawn;

import dev.fovea.config.Default;

/**
 * What is drawn.
 *
 * @param task what the class of a picture is
 * @param size rows and columns of a picture
 * @param count how many pictures
 * @param seed another seed, other pictures
 * @param first number of the first picture: data sets of one seed whose numbers do not meet have no picture in common
 * @param most most figures in a picture of the task COUNT, at least 2
 * @param noise standard deviation of the noise on every value, as a part of the range
 * @param clutter lines in the background that mean nothing
 */
public record DrawnConfig(
        @Default("shape") Task task,
        @Default("32") int size,
        @Default("10000") long count,
        @Default("0") long seed,
        @Default("0") long first,
        @Default("6") int most,
        @Default("0.06") double noise,
        @Default("3") int clutter) {

    public DrawnConfig {
        if (size < 16 || size > 4096) {
            throw new IllegalArgumentException("size: wanted 16 to 4096, found " + size);
        }
        if (count < 1 || first < 0) {
            throw new IllegalArgumentException(
                    "count, first: wanted at least 1 and 0, found %d and %d".formatted(count, first));
        }
        if (most < 2 || most > 12) {
            throw new IllegalArgumentException("most: wanted 2 to 12, found " + most);
        }
        if (!(noise >= 0 && noise <= 1) || clutter < 0) {
            throw new IllegalArgumentException(
                    "noise, clutter: wanted 0 to 1 and at least 0, found %s and %d".formatted(noise, clutter));
        }
    }

    /** Pictures for a task, 32 by 32, all else by default. */
    public static DrawnConfig of(Task task, long count, long seed) {
        return new DrawnConfig(task, 32, count, seed, 0, 6, 0.06, 3);
    }

    /** The same with pictures of another size. */
    public DrawnConfig withSize(int side) {
        return new DrawnConfig(task, side, count, seed, first, most, noise, clutter);
    }

    /** {@code number} pictures that come after these: to test on what these train. */
    public DrawnConfig next(long number) {
        return new DrawnConfig(task, size, number, seed, first + count, most, noise, clutter);
    }

    /** The same pictures without noise and clutter. */
    public DrawnConfig plain() {
        return new DrawnConfig(task, size, count, seed, first, most, 0, 0);
    }
}
