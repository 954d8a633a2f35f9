package dev.fovea.generate;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Adds to the logit of a sequence's last token where the tokens before it stand at the end of the history; to that of a
 * single token always.
 *
 * @param biases sequences of one token or more, and what is added
 */
public record SequenceBias(Map<List<Integer>, Double> biases) implements LogitsProcessor {

    public SequenceBias {
        biases = Map.copyOf(biases);
        if (biases.containsKey(List.<Integer>of())) {
            throw new IllegalArgumentException("biases: found an empty sequence, wanted one token or more");
        }
    }

    /** Sequences that may not be written: their last token is ruled out. */
    public static SequenceBias forbidding(List<List<Integer>> sequences) {
        return new SequenceBias(
                sequences.stream().distinct().collect(Collectors.toMap(x -> x, _ -> Double.NEGATIVE_INFINITY)));
    }

    @Override
    public void process(float[] logits, int[] history) {
        var added = new float[logits.length]; // summed before it is added, as transformers does
        biases.forEach((sequence, bias) -> {
            if (endsWith(history, sequence.subList(0, sequence.size() - 1))) {
                added[TokenRules.within(sequence.getLast(), logits)] += bias.floatValue();
            }
        });
        for (int i = 0; i < logits.length; i++) {
            logits[i] += added[i];
        }
    }

    private static boolean endsWith(int[] history, List<Integer> tokens) {
        int start = history.length - tokens.size();
        if (start < (tokens.isEmpty() ? 0 : 1)) {
            return false; // transformers passes over a sequence longer than the history
        }
        for (int i = 0; i < tokens.size(); i++) {
            if (history[start + i] != tokens.get(i)) {
                return false;
            }
        }
        return true;
    }
}
