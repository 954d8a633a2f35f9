package dev.fovea.verify;

import java.util.Arrays;

/**
 * One recorded tensor beside ours.
 *
 * @param tensor its name
 * @param difference largest absolute difference; infinite where one is not a number or not finite and the other is
 * @param tolerance the case's limit
 * @param worst index of the largest difference
 * @param problem what else is wrong (shape, type), empty if nothing
 */
public record Comparison(String tensor, double difference, double tolerance, long[] worst, String problem) {

    static Comparison problem(String tensor, double tolerance, String problem) {
        return new Comparison(tensor, Double.NaN, tolerance, new long[0], problem);
    }

    /** Whether ours is as near as it must be. */
    public boolean ok() {
        return problem.isEmpty() && difference <= tolerance;
    }

    @Override
    public String toString() {
        return problem.isEmpty()
                ? "%s: differs by %.3g at %s, tolerance %.3g"
                        .formatted(tensor, difference, Arrays.toString(worst), tolerance)
                : tensor + ": " + problem;
    }
}
