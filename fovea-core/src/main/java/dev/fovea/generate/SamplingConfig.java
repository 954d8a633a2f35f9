package dev.fovea.generate;

import java.util.ArrayList;
import java.util.List;

/**
 * How tokens are chosen.
 *
 * @param temperature 0 takes the most probable token; 1 leaves the probabilities as they are
 * @param topK most tokens to choose among, 0 for all
 * @param topP probability that the tokens to choose among have together, 1 for all
 * @param minP smallest probability against that of the most probable token, 0 for none
 * @param repetitionPenalty above 1 makes tokens of prompt and answer less likely, 1 does nothing
 * @param order which of the two limits comes first
 * @param seed the same seed and logits give the same tokens
 */
public record SamplingConfig(
        double temperature, int topK, double topP, double minP, double repetitionPenalty, Order order, long seed) {

    /** Whether the k best tokens are taken before or after those that have the wanted probability together. */
    public enum Order {
        /** Top-k first, as transformers does. */
        TOP_K_TOP_P,
        /** Top-p first, as gemma_pytorch does. */
        TOP_P_TOP_K
    }

    /** Always the most probable token. */
    public static final SamplingConfig GREEDY = new SamplingConfig(0, 0, 1, 0, 1, Order.TOP_K_TOP_P, 0);

    /** What the published instruction-tuned Gemma 3 models ask for in {@code generation_config.json}. */
    public static final SamplingConfig GEMMA3 = new SamplingConfig(1, 64, 0.95, 0, 1, Order.TOP_K_TOP_P, 0);

    public SamplingConfig {
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature %s, wanted 0 or more".formatted(temperature));
        }
        if (topK < 0) {
            throw new IllegalArgumentException("topK %d, wanted 0 or more".formatted(topK));
        }
        new TopP(topP);
        new MinP(minP);
        new RepetitionPenalty(repetitionPenalty);
    }

    /** Whether the most probable token is taken, and nothing drawn. */
    public boolean isGreedy() {
        return temperature == 0;
    }

    /** This configuration with another seed. */
    public SamplingConfig withSeed(long seed) {
        return new SamplingConfig(temperature, topK, topP, minP, repetitionPenalty, order, seed);
    }

    /**
     * The changes to the logits, in order: repetition penalty, temperature, top-k, top-p (or these two the other way
     * round), min-p. Each sees what the one before left.
     */
    public List<LogitsProcessor> processors() {
        var all = new ArrayList<LogitsProcessor>();
        if (repetitionPenalty != 1) {
            all.add(new RepetitionPenalty(repetitionPenalty));
        }
        if (isGreedy()) {
            return all; // nothing else moves the maximum
        }
        if (temperature != 1) {
            all.add(new Temperature(temperature));
        }
        switch (order) {
            case TOP_K_TOP_P -> {
                if (topK > 0) {
                    all.add(new TopK(topK));
                }
                if (topP < 1) {
                    all.add(new TopP(topP));
                }
            }
            case TOP_P_TOP_K -> {
                if (topK > 0) {
                    all.add(new TopPThenTopK(topP, topK));
                } else if (topP < 1) {
                    all.add(new TopP(topP));
                }
            }
        }
        if (minP > 0) {
            all.add(new MinP(minP));
        }
        return all;
    }
}
