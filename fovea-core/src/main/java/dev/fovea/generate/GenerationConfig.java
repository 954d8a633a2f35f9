package dev.fovea.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is written: how long, what ends it, what may not be in it. The rules act in the order of transformers: biases,
 * repetition of n-grams, forbidden sequences, smallest length, forced end, forbidden tokens, then {@code sampling}.
 *
 * @param sampling how tokens are chosen; its repetition penalty counts for beams too
 * @param maxNewTokens most tokens of an answer, one that ends it included
 * @param minNewTokens no end before so many
 * @param ends tokens that end a text; the token is part of it
 * @param biases added to the logit of a sequence's last token
 * @param noRepeatNgram so many tokens do not stand together twice, 0 for no such rule
 * @param forbiddenSequences whose last token is ruled out when those before it have come
 * @param forbidden tokens that never come
 * @param forcedEnd what the last allowed token must be, null for no such rule
 * @param own rules of the caller's own, each made for an answer to a prompt of so many tokens; they act last of all rules
 */
public record GenerationConfig(
        SamplingConfig sampling,
        int maxNewTokens,
        int minNewTokens,
        Set<Integer> ends,
        Map<List<Integer>, Double> biases,
        int noRepeatNgram,
        List<List<Integer>> forbiddenSequences,
        Set<Integer> forbidden,
        @Nullable Integer forcedEnd,
        List<IntFunction<LogitsProcessor>> own) {

    public GenerationConfig {
        own = List.copyOf(own);
        ends = Set.copyOf(ends);
        biases = Map.copyOf(biases);
        forbiddenSequences = List.copyOf(forbiddenSequences);
        forbidden = Set.copyOf(forbidden);
        if (maxNewTokens < 1 || minNewTokens < 0 || noRepeatNgram < 0) {
            throw new IllegalArgumentException(
                    "maxNewTokens %d, minNewTokens %d, noRepeatNgram %d: wanted 1, 0, 0 or more"
                            .formatted(maxNewTokens, minNewTokens, noRepeatNgram));
        }
    }

    /** Without rules of the caller's own. */
    public GenerationConfig(
            SamplingConfig sampling,
            int maxNewTokens,
            int minNewTokens,
            Set<Integer> ends,
            Map<List<Integer>, Double> biases,
            int noRepeatNgram,
            List<List<Integer>> forbiddenSequences,
            Set<Integer> forbidden,
            @Nullable Integer forcedEnd) {
        this(
                sampling,
                maxNewTokens,
                minNewTokens,
                ends,
                biases,
                noRepeatNgram,
                forbiddenSequences,
                forbidden,
                forcedEnd,
                List.of());
    }

    /** The same with one more rule, made for an answer to a prompt of so many tokens. */
    public GenerationConfig with(IntFunction<LogitsProcessor> rule) {
        return new GenerationConfig(
                sampling,
                maxNewTokens,
                minNewTokens,
                ends,
                biases,
                noRepeatNgram,
                forbiddenSequences,
                forbidden,
                forcedEnd,
                Stream.concat(own.stream(), Stream.of(rule)).toList());
    }

    /** The same with another seed. */
    public GenerationConfig withSeed(long seed) {
        return new GenerationConfig(
                sampling.withSeed(seed),
                maxNewTokens,
                minNewTokens,
                ends,
                biases,
                noRepeatNgram,
                forbiddenSequences,
                forbidden,
                forcedEnd,
                own);
    }

    /** Without rules beside length and ends. */
    public static GenerationConfig of(SamplingConfig sampling, int maxNewTokens, Set<Integer> ends) {
        return new GenerationConfig(sampling, maxNewTokens, 0, ends, Map.of(), 0, List.of(), Set.of(), null);
    }

    /** The rules for an answer to a prompt of so many tokens, without those of {@code sampling}. */
    public List<LogitsProcessor> rules(int promptLength) {
        var rules = new ArrayList<LogitsProcessor>();
        if (!biases.isEmpty()) {
            rules.add(new SequenceBias(biases));
        }
        if (noRepeatNgram > 0) {
            rules.add(new NoRepeatNgram(noRepeatNgram));
        }
        List<List<Integer>> sequences = forbiddenSequences.stream()
                .filter(x -> x.size() > 1 || !ends.containsAll(x)) // an end is not forbidden this way in transformers
                .toList();
        if (!sequences.isEmpty()) {
            rules.add(SequenceBias.forbidding(sequences));
        }
        if (minNewTokens > 0 && !ends.isEmpty()) {
            rules.add(TokenRules.notBefore(promptLength + minNewTokens, ends));
        }
        if (forcedEnd != null) {
            rules.add(TokenRules.exactlyAt(promptLength + maxNewTokens - 1, Set.of(forcedEnd)));
        }
        if (!forbidden.isEmpty()) {
            rules.add(TokenRules.never(forbidden));
        }
        own.forEach(rule -> rules.add(rule.apply(promptLength)));
        return rules;
    }
}
