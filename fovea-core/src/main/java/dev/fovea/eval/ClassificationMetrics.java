package dev.fovea.eval;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Classification metrics, added up batch by batch from logits. A row with a negative label is padding and counts nowhere.
 *
 * <p>Expected calibration error (arXiv 1706.04599, eq. 3): the predictions are sorted into bins of equal width by the
 * probability of the predicted class, the m-th of M being ((m−1)/M, m/M]; the error is the mean over the predictions of
 * |accuracy − mean probability| of their bin. Brier score: mean of Σ (p − onehot)² over the classes.
 */
public final class ClassificationMetrics {

    /** Bins of the calibration error, as published. */
    public static final int BINS = 15;

    private final int numClasses;
    private final long[][] confusion;
    private final long[] binCount = new long[BINS];
    private final long[] binRight = new long[BINS];
    private final double[] binProbability = new double[BINS];
    private long count;
    private long top1;
    private long top5;
    private double crossEntropy;
    private double brier;

    public ClassificationMetrics(int numClasses) {
        if (numClasses < 1) {
            throw new IllegalArgumentException("%d classes".formatted(numClasses));
        }
        this.numClasses = numClasses;
        this.confusion = new long[numClasses][numClasses];
    }

    /**
     * Adds a batch.
     *
     * @param logits [B, C], row-major
     * @param labels [B], negative for padding
     */
    public void add(float[] logits, int[] labels) {
        if (logits.length != (long) labels.length * numClasses) {
            throw new IllegalArgumentException(
                    "%d logits for %d rows of %d classes".formatted(logits.length, labels.length, numClasses));
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= numClasses) {
                throw new IllegalArgumentException("label %d, there are %d classes".formatted(labels[i], numClasses));
            }
            if (labels[i] >= 0) {
                add(Softmax.of(logits, i * numClasses, numClasses), labels[i]);
            }
        }
    }

    private void add(Softmax p, int label) {
        int predicted = p.best();
        int rank = p.rank(label);
        count++;
        top1 += rank == 0 ? 1 : 0;
        top5 += rank < 5 ? 1 : 0;
        crossEntropy -= p.logProbability(label);
        confusion[label][predicted]++;
        for (int c = 0; c < numClasses; c++) {
            double d = p.probability(c) - (c == label ? 1 : 0);
            brier += d * d;
        }
        double confidence = p.probability(predicted);
        int bin = Math.clamp((int) Math.ceil(confidence * BINS) - 1, 0, BINS - 1);
        binCount[bin]++;
        binRight[bin] += rank == 0 ? 1 : 0;
        binProbability[bin] += confidence;
    }

    /** Rows that counted. */
    public long count() {
        return count;
    }

    /** Share of rows whose highest logit is the label's; the first class wins among equals. */
    public double top1() {
        return (double) top1 / count;
    }

    /** Share of rows whose label is among the five highest logits. */
    public double top5() {
        return (double) top5 / count;
    }

    /** Mean cross-entropy in nats. */
    public double crossEntropy() {
        return crossEntropy / count;
    }

    /** Mean squared distance of the probabilities from the one-hot label. */
    public double brier() {
        return brier / count;
    }

    /** Expected calibration error. */
    public double calibrationError() {
        double sum = 0;
        for (int m = 0; m < BINS; m++) {
            sum += Math.abs(binRight[m] - binProbability[m]);
        }
        return sum / count;
    }

    /** Rows by label, then by predicted class. */
    public long[][] confusion() {
        var copy = new long[numClasses][];
        for (int c = 0; c < numClasses; c++) {
            copy[c] = confusion[c].clone();
        }
        return copy;
    }

    /** Share of each class's rows that were predicted right; NaN for a class without rows. */
    public double[] perClassAccuracy() {
        var accuracy = new double[numClasses];
        for (int c = 0; c < numClasses; c++) {
            long rows = 0;
            for (long n : confusion[c]) {
                rows += n;
            }
            accuracy[c] = (double) confusion[c][c] / rows;
        }
        return accuracy;
    }

    /** The scalar metrics by name. */
    public SequencedMap<String, Double> toMap() {
        var map = new LinkedHashMap<String, Double>();
        map.put("top1", top1());
        map.put("top5", top5());
        map.put("crossEntropy", crossEntropy());
        map.put("calibrationError", calibrationError());
        map.put("brier", brier());
        return map;
    }
}
