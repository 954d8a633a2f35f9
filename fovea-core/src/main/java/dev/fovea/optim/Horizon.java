package dev.fovea.optim;

import org.jspecify.annotations.Nullable;

/**
 * How long a run is, which lengths in epochs, examples or percent are measured by.
 *
 * @param totalSteps number of updates of the whole run
 * @param batchSize examples an update; null where nothing is measured in epochs or examples
 * @param dataSize examples of an epoch; null where nothing is measured in epochs
 */
public record Horizon(
        long totalSteps, @Nullable Long batchSize, @Nullable Long dataSize) {

    /** A run whose lengths are given in steps and percent only. */
    public static Horizon of(long totalSteps) {
        return new Horizon(totalSteps, null, null);
    }
}
