package dev.fovea.optim;

import java.util.List;

/**
 * BiT-HyperRule (arXiv 1912.11370, section 3.3): how to fine-tune, from the size of the data set and of its pictures
 * alone.
 *
 * @param datasetSize number of training examples
 * @param baseRate learning rate after the warm-up
 */
public record BitHyperRule(long datasetSize, double baseRate) implements Schedule {

    private static final long SMALL = 20_000;
    private static final long LARGE = 500_000;

    /** Sizes in pixels: resize to {@code precrop}, then take a random {@code crop}. */
    public record Resolution(int precrop, int crop) {}

    /** The rule at its published rate for a batch of 512. */
    public static BitHyperRule of(long datasetSize) {
        return new BitHyperRule(datasetSize, 0.003);
    }

    /** End of the warm-up, the steps after which the rate falls to a tenth, and the end of training. */
    public List<Long> supports() {
        if (datasetSize < SMALL) {
            return List.of(100L, 200L, 300L, 400L, 500L);
        }
        return datasetSize < LARGE
                ? List.of(500L, 3_000L, 6_000L, 9_000L, 10_000L)
                : List.of(500L, 6_000L, 12_000L, 18_000L, 20_000L);
    }

    /** Number of updates of the whole run. */
    public long totalSteps() {
        return supports().getLast();
    }

    /** The learning rate; 0 from the end of training on. A step where the rate falls itself still has the old one. */
    @Override
    public double at(long step) {
        List<Long> supports = supports();
        long warmup = supports.getFirst();
        if (step < warmup) {
            return baseRate * step / warmup;
        } else if (step >= totalSteps()) {
            return 0;
        }
        double rate = baseRate;
        for (long support : supports.subList(1, supports.size())) {
            if (support < step) {
                rate /= 10;
            }
        }
        return rate;
    }

    /** Strength of mixup. */
    public double mixup() {
        return datasetSize < SMALL ? 0 : 0.1;
    }

    /** Sizes for pictures of the given height and width. */
    public static Resolution resolution(int height, int width) {
        return (long) height * width < 96 * 96 ? new Resolution(160, 128) : new Resolution(512, 480);
    }
}
