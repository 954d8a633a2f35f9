package dev.fovea.eval;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Classification by the k nearest neighbours. Neighbours at the same distance count in the order of the training set;
 * among classes with as many votes, the one with the nearest neighbour wins.
 *
 * <p>Matrix products in float64, a bounded block at a time, find the candidates; the order among them is decided by
 * distances summed one by one, so that equal vectors are exactly equally far.
 */
public final class NearestNeighbors {

    /** How far two vectors are. */
    public enum Metric {
        EUCLIDEAN,
        /** Euclidean between vectors of length 1, which orders as the cosine does. */
        COSINE
    }

    /** Entries of a block of the distance matrix: 32 MiB. */
    private static final int BLOCK = 1 << 22;
    /** Bound for the rounding of a distance by matrix product, as a share of the squared lengths. */
    private static final double ROUNDING = 1e-12;

    private final Features train;
    private final int[] labels;
    private final Metric metric;
    private final double[] squares;

    public NearestNeighbors(Features train, int[] labels, Metric metric) {
        train.expectLabels(labels);
        this.train = metric == Metric.COSINE ? train.normalized() : train;
        this.labels = labels.clone();
        this.metric = metric;
        this.squares = squares(this.train);
    }

    /** The class of each test vector. */
    public int[] predict(Features test, int k) {
        test.expectWidth(train);
        if (k < 1 || k > train.size()) {
            throw new IllegalArgumentException("k %d, there are %d training vectors".formatted(k, train.size()));
        }
        return predict(metric == Metric.COSINE ? test.normalized() : test, k, false);
    }

    /** The class of each training vector by the others. */
    public int[] leaveOneOut(int k) {
        if (k < 1 || k > train.size() - 1) {
            throw new IllegalArgumentException(
                    "k %d, and each of %d vectors has %d others".formatted(k, train.size(), train.size() - 1));
        }
        return predict(train, k, true);
    }

    private int[] predict(Features test, int k, boolean leaveOut) {
        var classes = new int[test.size()];
        double[] testSquares = squares(test);
        int rows = Math.max(1, BLOCK / train.size());
        for (int from = 0; from < test.size(); from += rows) {
            int to = Math.min(from + rows, test.size());
            double[] products = products(test, from, to);
            for (int i = from; i < to; i++) {
                int self = leaveOut ? i : -1;
                int[] nearest = nearest(test, i, testSquares[i], products, (i - from) * train.size(), self, k);
                classes[i] = vote(nearest);
            }
        }
        return classes;
    }

    private double[] products(Features test, int from, int to) { // [to - from, N]
        try (var _ = new Scope()) {
            Tensor x = test.rows(from, to);
            return Tensors.toDoubles(x.matmul(train.rows(0, train.size()).t()));
        }
    }

    /** The k nearest in order. */
    private int[] nearest(Features test, int i, double square, double[] products, int row, int self, int k) {
        var distances = new double[train.size()];
        double slack = 0;
        for (int j = 0; j < distances.length; j++) {
            distances[j] = j == self ? Double.POSITIVE_INFINITY : square + squares[j] - 2 * products[row + j];
            slack = Math.max(slack, ROUNDING * (square + squares[j]));
        }
        double limit = kthSmallest(distances, k) + 2 * slack;
        return IntStream.range(0, distances.length)
                .filter(j -> distances[j] <= limit)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(j -> distance(test, i, j))
                        .thenComparingInt(j -> j))
                .limit(k)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static double kthSmallest(double[] distances, int k) {
        if (k == 1) {
            return Arrays.stream(distances).min().orElseThrow();
        }
        double[] sorted = distances.clone();
        Arrays.sort(sorted);
        return sorted[k - 1];
    }

    private double distance(Features test, int i, int j) {
        int width = train.width();
        double sum = 0;
        for (int d = 0; d < width; d++) {
            double difference = (double) test.values()[i * width + d] - train.values()[j * width + d];
            sum += difference * difference;
        }
        return sum;
    }

    private int vote(int[] nearest) {
        int best = labels[nearest[0]];
        int most = 0;
        for (int j : nearest) {
            int votes = 0;
            for (int other : nearest) {
                votes += labels[other] == labels[j] ? 1 : 0;
            }
            if (votes > most) {
                most = votes;
                best = labels[j];
            }
        }
        return best;
    }

    private static double[] squares(Features x) {
        var squares = new double[x.size()];
        for (int i = 0; i < x.values().length; i++) {
            squares[i / x.width()] += (double) x.values()[i] * x.values()[i];
        }
        return squares;
    }
}
