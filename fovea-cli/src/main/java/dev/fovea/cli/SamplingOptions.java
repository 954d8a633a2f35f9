package dev.fovea.cli;

import dev.fovea.generate.GenerationConfig;
import dev.fovea.generate.SamplingConfig;
import dev.fovea.models.gemma.GemmaDefaults;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a language model chooses tokens; what is not given is as the model's folder says. */
final class SamplingOptions {

    @Option(names = "--max-tokens", defaultValue = "512", paramLabel = "N", description = "longest answer")
    private int maxTokens;

    @Option(names = "--greedy", description = "always the likeliest token")
    private boolean greedy;

    @Option(names = "--temperature", paramLabel = "T", description = "0 for greedy")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "choose among the K likeliest, 0 for all")
    private @Nullable Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "choose among the likeliest that have P together")
    private @Nullable Double topP;

    @Option(names = "--min-p", paramLabel = "P", description = "no token less likely than P times the likeliest")
    private @Nullable Double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            description = "above 1 makes tokens of the text less likely")
    private @Nullable Double repetitionPenalty;

    @Option(names = "--seed", defaultValue = "0", paramLabel = "N", description = "the same seed gives the same answer")
    private long seed;

    @Option(names = "--stats", description = "say to standard error how many tokens came in which time")
    private boolean stats;

    boolean stats() {
        return stats;
    }

    GenerationConfig config(GemmaDefaults defaults) {
        return config(defaults, LineOptions.NONE, Integer.MAX_VALUE);
    }

    /**
     * The rules of one answer.
     *
     * @param own what is said of this answer, before what the command says of all
     * @param left most tokens that the model's context leaves it
     */
    GenerationConfig config(GemmaDefaults defaults, LineOptions own, int left) {
        SamplingConfig s = defaults.sampling();
        var chosen = new SamplingConfig(
                own.number("temperature", greedy ? 0 : temperature == null ? s.temperature() : temperature),
                own.count("top_k", topK == null ? s.topK() : topK),
                own.number("top_p", topP == null ? s.topP() : topP),
                own.number("min_p", minP == null ? s.minP() : minP),
                own.number("repetition_penalty", repetitionPenalty == null ? s.repetitionPenalty() : repetitionPenalty),
                s.order(),
                own.whole("seed", seed));
        return GenerationConfig.of(chosen, Math.min(left, own.count("max_tokens", maxTokens)), defaults.ends());
    }
}
