package dev.fovea.eval;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/**
 * The few-shot protocol: for each number of shots and each seed, as many random examples of every class (all, where a
 * class has fewer), a {@link LeastSquaresProbe} of one fixed strength, accuracy on the test set. Reports the mean over the
 * seeds as {@code 10shot}, and every seed as {@code 10shot/seed0}.
 */
public record FewShot(
        Features train,
        int[] trainLabels,
        Features test,
        int[] testLabels,
        int numClasses,
        List<Integer> shots,
        List<Long> seeds,
        double l2)
        implements Evaluator {

    /** The strength that big_vision fixes for all data sets. */
    public static final double PUBLISHED_L2 = 1024;

    public FewShot {
        train.expectLabels(trainLabels);
        test.expectLabels(testLabels);
        train.expectWidth(test);
        shots = List.copyOf(shots);
        seeds = List.copyOf(seeds);
    }

    @Override
    public SequencedMap<String, Double> evaluate() {
        var means = new LinkedHashMap<String, Double>();
        var each = new LinkedHashMap<String, Double>();
        for (int k : shots) {
            double sum = 0;
            for (long seed : seeds) {
                double accuracy = accuracy(k, seed);
                each.put("%dshot/seed%d".formatted(k, seed), accuracy);
                sum += accuracy;
            }
            means.put("%dshot".formatted(k), sum / seeds.size());
        }
        means.putAll(each);
        return means;
    }

    private double accuracy(int k, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        int[] chosen = select(trainLabels, numClasses, k, random);
        int[] labels = Arrays.stream(chosen).map(i -> trainLabels[i]).toArray();
        return LeastSquaresProbe.fit(train.select(chosen), labels, numClasses).accuracy(test, testLabels, l2);
    }

    /** Positions of {@code shots} random examples of each class, class by class; all of a class that has fewer. */
    public static int[] select(int[] labels, int numClasses, int shots, RandomGenerator random) {
        var chosen = IntStream.builder();
        for (int c = 0; c < numClasses; c++) {
            int label = c;
            int[] ofClass = IntStream.range(0, labels.length)
                    .filter(i -> labels[i] == label)
                    .toArray();
            for (int i = 0; i < Math.min(shots, ofClass.length); i++) {
                int j = random.nextInt(i, ofClass.length);
                chosen.add(ofClass[j]);
                ofClass[j] = ofClass[i];
            }
        }
        return chosen.build().toArray();
    }

    /**
     * One strength for all data sets: per number of shots, the strengths are ranked on each data set, and the one of the
     * best mean rank wins, the first among equals. Equal accuracies have different ranks, in NumPy's order.
     *
     * @param accuracy by data set, shots and strength, on validation examples
     * @param l2 the strengths
     * @return the strength for each number of shots
     */
    public static double[] bestL2(double[][][] accuracy, double[] l2) {
        int shots = accuracy[0].length;
        var best = new double[shots];
        for (int s = 0; s < shots; s++) {
            var rankSums = new int[l2.length];
            for (double[][] dataset : accuracy) {
                int[] order = NumpyOrder.argsort(dataset[s]);
                for (int rank = 0; rank < order.length; rank++) {
                    rankSums[order[rank]] += rank;
                }
            }
            int winner = 0;
            for (int i = 1; i < l2.length; i++) {
                winner = rankSums[i] > rankSums[winner] ? i : winner;
            }
            best[s] = l2[winner];
        }
        return best;
    }
}
