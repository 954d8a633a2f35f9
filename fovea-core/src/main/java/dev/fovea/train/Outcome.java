package dev.fovea.train;

import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param steps updates done in all, those before a resumed checkpoint included
 * @param stopped whether it was asked to stop before its last step
 * @param metrics the newest value of every metric, named {@code set/metric}
 * @param best the best value of the metric that the configuration names, if it names one
 */
public record Outcome(
        long steps,
        boolean stopped,
        SequencedMap<String, Double> metrics,
        @Nullable Best best) {}
