package dev.fovea.eval;

import java.util.SequencedMap;

/** One published protocol on one split. */
public interface Evaluator {

    /** Names of metrics to their values, the one that matters first. */
    SequencedMap<String, Double> evaluate();
}
