package dev.fovea.train;

import dev.fovea.config.Default;
import dev.fovea.optim.Ema;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long and how a model is trained, whatever the model.
 *
 * @param steps updates of the parameters; either this or {@code epochs}
 * @param epochs passes over the training examples
 * @param batchSize examples a step, over all micro-batches
 * @param accumulate micro-batches a step; each holds {@code batchSize / accumulate} examples, so that memory is that of
 *     one
 * @param seed of parameters, shuffling, augmentation and noise
 * @param ema moving average of the parameters; evaluation then uses the average
 * @param logEvery steps between lines of training metrics, each the mean over them
 * @param evalEvery steps between evaluations, 0 for the end alone
 * @param saveEvery steps between checkpoints, 0 for the end alone
 * @param keep how many checkpoints stay, the newest
 * @param best the evaluation metric whose best checkpoint is kept as well
 */
public record TrainConfig(
        @Nullable Long steps,
        @Nullable Double epochs,
        @Default("128") int batchSize,
        @Default("1") int accumulate,
        @Default("0") long seed,
        @Default("auto") Precision precision,
        Ema.@Nullable Config ema,
        @Default("50") long logEvery,
        @Default("0") long evalEvery,
        @Default("0") long saveEvery,
        @Default("3") int keep,
        @Nullable BestConfig best) {

    /**
     * @param metric evaluator and metric, such as {@code val/accuracy}
     * @param lower whether less is better
     */
    public record BestConfig(
            String metric, @Default("false") boolean lower) {}

    public TrainConfig {
        if ((steps == null) == (epochs == null)) {
            throw new IllegalArgumentException(
                    "steps, epochs: wanted one of them, found " + (steps == null ? "neither" : "both"));
        }
        require("steps", steps == null ? 1 : steps, 1);
        if (epochs != null && !(epochs > 0)) {
            throw new IllegalArgumentException("epochs: found %s, wanted more than 0".formatted(epochs));
        }
        require("batchSize", batchSize, 1);
        require("accumulate", accumulate, 1);
        require("logEvery", logEvery, 1);
        require("evalEvery", evalEvery, 0);
        require("saveEvery", saveEvery, 0);
        require("keep", keep, 1);
        if (batchSize % accumulate != 0) {
            throw new IllegalArgumentException(
                    "batchSize %d is not a multiple of accumulate %d".formatted(batchSize, accumulate));
        }
    }

    /** Examples of a micro-batch: what the batches given to the trainer must hold. */
    public int microBatchSize() {
        return batchSize / accumulate;
    }

    /** Updates in all: {@code steps}, or what {@code epochs} over so many examples take, rounded up. */
    public long totalSteps(long examples) {
        if (epochs == null) {
            return Objects.requireNonNull(steps);
        }
        return (long) Math.ceil(epochs * examples / batchSize);
    }

    private static void require(String name, long found, long least) {
        if (found < least) {
            throw new IllegalArgumentException("%s: found %d, wanted at least %d".formatted(name, found, least));
        }
    }
}
