package dev.fovea.train;

import java.util.SequencedMap;

/**
 * Numbers of a run at one step.
 *
 * @param step updates done
 * @param set what was measured: {@link #TRAIN}, or the name of an evaluator
 */
public record Measurement(long step, String set, SequencedMap<String, Double> values) {

    /** The set of the training batches themselves. */
    public static final String TRAIN = "train";
}
