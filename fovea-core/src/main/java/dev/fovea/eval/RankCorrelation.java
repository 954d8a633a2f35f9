package dev.fovea.eval;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Whether two numbers rise together, by their order alone. */
public final class RankCorrelation {

    private RankCorrelation() {}

    /**
     * Spearman's ρ: Pearson's correlation of ranks, equal values sharing the mean of theirs. Not a number where all values
     * of one side are equal.
     */
    public static double spearman(double[] a, double[] b) {
        if (a.length != b.length || a.length < 2) {
            throw new IllegalArgumentException(
                    "%d and %d values: wanted as many, and at least 2".formatted(a.length, b.length));
        }
        double[] x = ranks(a);
        double[] y = ranks(b);
        double mean = (a.length - 1) / 2.0;
        double products = 0;
        double squaresX = 0;
        double squaresY = 0;
        for (int i = 0; i < x.length; i++) {
            products += (x[i] - mean) * (y[i] - mean);
            squaresX += (x[i] - mean) * (x[i] - mean);
            squaresY += (y[i] - mean) * (y[i] - mean);
        }
        return products / Math.sqrt(squaresX * squaresY);
    }

    /** From 0 on. */
    private static double[] ranks(double[] values) {
        int[] order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        var ranks = new double[values.length];
        for (int from = 0; from < order.length; ) {
            int to = from;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            double shared = (from + to - 1) / 2.0;
            Arrays.stream(order, from, to).forEach(i -> ranks[i] = shared);
            from = to;
        }
        return ranks;
    }
}
