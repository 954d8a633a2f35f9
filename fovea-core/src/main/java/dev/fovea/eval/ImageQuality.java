package dev.fovea.eval;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * How near generated pictures come to real ones, in the features of some network.
 *
 * @param frechetDistance the FID where the network is the published Inception
 * @param overlap precision and recall
 * @param real number of real pictures
 * @param generated number of generated pictures
 */
public record ImageQuality(double frechetDistance, PrecisionRecall overlap, int real, int generated) {

    /** By the published definitions. */
    public static ImageQuality of(Features real, Features generated, int k) {
        return new ImageQuality(
                FrechetDistance.of(real, generated),
                PrecisionRecall.of(real, generated, k),
                real.size(),
                generated.size());
    }

    /** By name, the one that matters first. */
    public SequencedMap<String, Double> toMap() {
        var scores = new LinkedHashMap<String, Double>();
        scores.put("frechetDistance", frechetDistance);
        scores.put("precision", overlap.precision());
        scores.put("recall", overlap.recall());
        scores.put("real", (double) real);
        scores.put("generated", (double) generated);
        return scores;
    }
}
