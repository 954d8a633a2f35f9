package dev.fovea.eval;

import static dev.fovea.eval.NearestNeighbors.Metric.COSINE;
import static dev.fovea.eval.NearestNeighbors.Metric.EUCLIDEAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NearestNeighborsTest {

    @Test
    void atTheSameDistanceTheLowerIndexCounts() {
        var train = new Features(1, new float[] {3, 1, 1, 3});
        var nn = new NearestNeighbors(train, new int[] {0, 1, 2, 3}, EUCLIDEAN);
        assertThat(nn.predict(new Features(1, new float[] {2, 1}), 1)).containsExactly(0, 1);
    }

    @Test
    void leavingOneOutLeavesOutOnlyItself() {
        var train = new Features(1, new float[] {0, 0, 5});
        var nn = new NearestNeighbors(train, new int[] {0, 1, 2}, EUCLIDEAN);
        assertThat(nn.leaveOneOut(1)).containsExactly(1, 0, 0);
    }

    @Test
    void cosineDoesNotSeeLength() {
        var train = new Features(2, new float[] {100, 100, 1, 0});
        var nn = new NearestNeighbors(train, new int[] {0, 1}, COSINE);
        assertThat(nn.predict(new Features(2, new float[] {1, 1}), 1)).containsExactly(0);
        var euclidean = new NearestNeighbors(train, new int[] {0, 1}, EUCLIDEAN);
        assertThat(euclidean.predict(new Features(2, new float[] {1, 1}), 1)).containsExactly(1);
    }

    @Test
    void mostVotesWinAndTheNearestAmongEqualVotes() {
        var train = new Features(1, new float[] {1, 2, 3, 9});
        var nn = new NearestNeighbors(train, new int[] {4, 7, 7, 4}, EUCLIDEAN);
        var zero = new Features(1, new float[] {0});
        assertThat(nn.predict(zero, 3)).containsExactly(7);
        assertThat(nn.predict(zero, 2)).containsExactly(4);
    }

    /** Small whole numbers, so that many distances are equal. */
    @Test
    void agreesWithSortingAllDistances() {
        var random = new Random(4);
        Features train = whole(random, 60);
        Features test = whole(random, 25);
        int[] labels = random.ints(60, 0, 3).toArray();
        var nn = new NearestNeighbors(train, labels, EUCLIDEAN);
        for (int k : new int[] {1, 4, 60}) {
            int[] found = nn.predict(test, k);
            for (int i = 0; i < test.size(); i++) {
                int row = i;
                int[] nearest = IntStream.range(0, 60)
                        .boxed()
                        .sorted(Comparator.comparingDouble(j -> distance(test, row, train, j)))
                        .limit(k)
                        .mapToInt(j -> labels[j])
                        .toArray();
                long votes = count(nearest, found[i]);
                assertThat(Arrays.stream(nearest).mapToLong(c -> count(nearest, c)))
                        .allMatch(n -> n <= votes);
                assertThat(Arrays.stream(nearest)
                                .filter(c -> count(nearest, c) == votes)
                                .findFirst())
                        .hasValue(found[i]);
            }
        }
    }

    @Test
    void kBeyondTheTrainingSetIsRefused() {
        var nn = new NearestNeighbors(new Features(1, new float[] {0, 1}), new int[] {0, 1}, EUCLIDEAN);
        assertThatThrownBy(() -> nn.leaveOneOut(2)).hasMessage("k 2, and each of 2 vectors has 1 others");
    }

    private static long count(int[] labels, int c) {
        return Arrays.stream(labels).filter(l -> l == c).count();
    }

    private static Features whole(Random random, int count) {
        var values = new float[count * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(4);
        }
        return new Features(3, values);
    }

    private static double distance(Features a, int i, Features b, int j) {
        double sum = 0;
        for (int d = 0; d < 3; d++) {
            double x = a.values()[3 * i + d] - b.values()[3 * j + d];
            sum += x * x;
        }
        return sum;
    }
}
