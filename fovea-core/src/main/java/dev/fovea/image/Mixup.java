package dev.fovea.image;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Mixup (arXiv 1710.09412) on batches of floats, pixels {@code [B, ...]} and targets {@code [B, K]} alike.
 *
 * <p>big_vision draws one weight a = max(b, 1 - b), b ~ Beta(p, p), for the batch and mixes each example with the one
 * before it, the first with the last. vmoe draws Dirichlet weights, sorts them and mixes with the examples that follow.
 */
public final class Mixup {

    private Mixup() {}

    /** A weight max(b, 1 - b) with b ~ Beta(p, p); 1, which mixes nothing, for p = 0. */
    public static float weight(double p, RandomGenerator random) {
        if (p == 0) {
            return 1;
        }
        double x = gamma(p, random);
        double y = gamma(p, random);
        return fold((float) (x + y == 0 ? random.nextInt(2) : x / (x + y)));
    }

    /** The share of an example itself, from a sample of the beta distribution: at least a half. */
    public static float fold(float beta) {
        return Math.max(beta, 1 - beta);
    }

    /** Dirichlet(p, ..., p) weights of {@code count} examples, the largest first. */
    public static float[] weights(double p, int count, RandomGenerator random) {
        var draws = new double[count];
        for (int i = 0; i < count; i++) {
            draws[i] = gamma(p, random);
        }
        double sum = Arrays.stream(draws).sum();
        var weights = new float[count];
        for (int i = 0; i < count; i++) {
            weights[i] = sum == 0 ? (i == 0 ? 1 : 0) : (float) (draws[i] / sum);
        }
        return sorted(weights, count);
    }

    /** Rows of {@code count} weights, each row with the largest first. */
    public static float[] sorted(float[] weights, int count) {
        var sorted = weights.clone();
        for (int row = 0; row < weights.length; row += count) {
            Arrays.sort(sorted, row, row + count);
            for (int i = row, j = row + count - 1; i < j; i++, j--) {
                float w = sorted[i];
                sorted[i] = sorted[j];
                sorted[j] = w;
            }
        }
        return sorted;
    }

    /** In place, {@code a} times each of {@code batch} examples plus {@code 1 - a} times the one before it. */
    public static void mix(float[] x, int batch, float a) { // x: [B, ...]
        int size = x.length / batch;
        if (a == 1 || batch < 2) {
            return;
        }
        float[] last = Arrays.copyOfRange(x, x.length - size, x.length);
        float rest = 1 - a;
        for (int i = x.length - 1; i >= size; i--) {
            x[i] = a * x[i] + rest * x[i - size];
        }
        for (int i = 0; i < size; i++) {
            x[i] = a * x[i] + rest * last[i];
        }
    }

    /** Each example times its first weight, plus the {@code count - 1} that follow it times the next ones. */
    public static float[] mix(float[] x, int batch, float[] weights, int count) { // x: [B, ...], weights: [B, count]
        if (weights.length != batch * count) {
            throw new IllegalArgumentException(
                    "mixup: %d weights, wanted [%d, %d]".formatted(weights.length, batch, count));
        }
        int size = x.length / batch;
        var mixed = new float[x.length];
        for (int b = 0; b < batch; b++) {
            for (int n = 0; n < count; n++) {
                float w = weights[b * count + n];
                int from = (b + n) % batch * size;
                for (int i = 0; i < size; i++) {
                    mixed[b * size + i] += w * x[from + i];
                }
            }
        }
        return mixed;
    }

    /** Gamma(shape, 1) by Marsaglia and Tsang (2000). */
    private static double gamma(double shape, RandomGenerator random) {
        if (shape < 1) {
            return gamma(shape + 1, random) * Math.pow(1 - random.nextDouble(), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double z = random.nextGaussian();
            double v = Math.pow(1 + c * z, 3);
            if (v > 0 && Math.log(1 - random.nextDouble()) < 0.5 * z * z + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
