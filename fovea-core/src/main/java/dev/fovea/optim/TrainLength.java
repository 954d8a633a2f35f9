package dev.fovea.optim;

import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A length of training in one of four units. Turned into steps it is rounded to the nearest, halves to even, and is at
 * least 1 unless 0 was asked for, as in big_vision.
 *
 * @param steps number of updates
 * @param epochs passes over the data
 * @param examples number of examples seen
 * @param percent share of the whole run, between 0 and 1
 */
public record TrainLength(
        @Nullable Long steps,
        @Nullable Double epochs,
        @Nullable Double examples,
        @Nullable Double percent) {

    public static final TrainLength NONE = steps(0);

    public TrainLength {
        if (Stream.of(steps, epochs, examples, percent).filter(Objects::nonNull).count() != 1) {
            throw new IllegalArgumentException(
                    "a length has one of steps, epochs, examples and percent; found steps %s, epochs %s, examples %s, percent %s"
                            .formatted(steps, epochs, examples, percent));
        }
        notNegative("steps", steps);
        notNegative("epochs", epochs);
        notNegative("examples", examples);
        notNegative("percent", percent);
        if (percent != null && percent > 1) {
            throw new IllegalArgumentException(
                    "percent: found %s, wanted a share of the run between 0 and 1".formatted(percent));
        }
    }

    public static TrainLength steps(long steps) {
        return new TrainLength(steps, null, null, null);
    }

    public static TrainLength epochs(double epochs) {
        return new TrainLength(null, epochs, null, null);
    }

    public static TrainLength examples(double examples) {
        return new TrainLength(null, null, examples, null);
    }

    public static TrainLength percent(double percent) {
        return new TrainLength(null, null, null, percent);
    }

    /** This length in updates of the run. */
    public long toSteps(Horizon run) {
        if (steps != null) {
            return steps;
        } else if (examples != null) {
            return rounded(examples / known("examples", "batchSize", run.batchSize()));
        } else if (epochs != null) {
            double perEpoch = known("epochs", "dataSize", run.dataSize())
                    / (double) known("epochs", "batchSize", run.batchSize());
            return rounded(epochs * perEpoch);
        }
        return rounded(Objects.requireNonNull(percent) * run.totalSteps());
    }

    private static long rounded(double steps) {
        return steps == 0 ? 0 : Math.max(1, (long) Math.rint(steps));
    }

    private static long known(String unit, String name, @Nullable Long size) {
        if (size == null) {
            throw new IllegalArgumentException(
                    "a length in %s takes the run's %s, which is not known here; give it in steps or percent"
                            .formatted(unit, name));
        }
        return size;
    }

    private static void notNegative(String unit, @Nullable Number length) {
        if (length != null && !(length.doubleValue() >= 0)) {
            throw new IllegalArgumentException("%s: found %s, wanted 0 or more".formatted(unit, length));
        }
    }
}
