package dev.fovea.eval;

import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** A mean and the bounds of its 95% confidence interval. */
public record Interval(double mean, double low, double high) {

    /** Student's t at 97.5%, by degrees of freedom from 1. */
    private static final double[] T975 = {
        12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
        2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
        2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423
    };

    private static final double Z975 = 1.959964;

    /** By Student's t, for a few runs with different seeds. One run has no interval: its bounds are NaN. */
    public static Interval ofRuns(double... values) {
        expectSome(values);
        int n = values.length;
        double mean = mean(values);
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        double half = n == 1 ? Double.NaN : t975(n - 1) * Math.sqrt(squares / (n - 1) / n);
        return new Interval(mean, mean - half, mean + half);
    }

    /** By resampling with replacement, for many examples: the 2.5% and 97.5% quantiles of the means of the resamples. */
    public static Interval bootstrap(double[] values, int resamples, RandomGenerator random) {
        expectSome(values);
        var means = new double[resamples];
        for (int r = 0; r < resamples; r++) {
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += values[random.nextInt(values.length)];
            }
            means[r] = sum / values.length;
        }
        Arrays.sort(means);
        return new Interval(mean(values), quantile(means, 0.025), quantile(means, 0.975));
    }

    /** By resampling the differences {@code a[i] - b[i]} of two systems on the same task and seed. */
    public static Interval pairedBootstrap(double[] a, double[] b, int resamples, RandomGenerator random) {
        if (a.length != b.length) {
            throw new IllegalArgumentException(
                    "%d values of one system, %d of the other".formatted(a.length, b.length));
        }
        var differences = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            differences[i] = a[i] - b[i];
        }
        return bootstrap(differences, resamples, random);
    }

    /** Past the table by the first terms of its expansion in 1/df, good to 1e-4. */
    private static double t975(int df) {
        if (df <= T975.length) {
            return T975[df - 1];
        }
        double z = Z975;
        double z3 = z * z * z;
        return z + (z3 + z) / (4.0 * df) + (5 * z3 * z * z + 16 * z3 + 3 * z) / (96.0 * df * df);
    }

    private static double quantile(double[] sorted, double q) {
        double at = q * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    private static void expectSome(double[] values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no values");
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.4g [%.4g, %.4g]", mean, low, high);
    }
}
