package dev.fovea.report;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Whether probabilities are what they say: predictions by their probability, in bins of equal width.
 *
 * @param bins from the least probability to the greatest
 */
public record Calibration(List<Bin> bins) {

    /**
     * @param count predictions in the bin
     * @param confidence their mean probability
     * @param accuracy share of them that were right
     */
    public record Bin(long count, double confidence, double accuracy) {}

    /**
     * Sorts predictions into bins.
     *
     * @param confidence probability of each predicted class
     * @param right whether each was right
     */
    public static Calibration of(double[] confidence, boolean[] right, int bins) {
        var count = new long[bins];
        var sum = new double[bins];
        var hits = new long[bins];
        for (int i = 0; i < confidence.length; i++) {
            int bin = Math.clamp((int) Math.ceil(confidence[i] * bins) - 1, 0, bins - 1);
            count[bin]++;
            sum[bin] += confidence[i];
            hits[bin] += right[i] ? 1 : 0;
        }
        return new Calibration(IntStream.range(0, bins)
                .mapToObj(b -> new Bin(count[b], sum[b] / count[b], (double) hits[b] / count[b]))
                .toList());
    }

    /** Expected calibration error: mean distance of accuracy from probability (arXiv 1706.04599, eq. 3). */
    public double error() {
        double distance = 0;
        long count = 0;
        for (Bin bin : bins) {
            if (bin.count() > 0) {
                distance += bin.count() * Math.abs(bin.accuracy() - bin.confidence());
                count += bin.count();
            }
        }
        return distance / count;
    }
}
