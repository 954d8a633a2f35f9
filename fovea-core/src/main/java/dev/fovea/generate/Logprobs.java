package dev.fovea.generate;

import java.util.ArrayList;
import java.util.List;

/** Natural logarithms of the model's own probabilities, before any processor. */
public final class Logprobs {

    private Logprobs() {}

    /** A token and the logarithm of its probability. */
    public record Entry(int id, double logprob) {}

    /** Of one token. */
    public static double of(float[] logits, int id) {
        return new Probabilities(logits).logOf(id);
    }

    /** The {@code count} most probable tokens, the best first, fewer where fewer are possible. */
    public static List<Entry> top(float[] logits, int count) {
        var probabilities = new Probabilities(logits);
        var ranked = new Ranked(logits);
        var top = new ArrayList<Entry>(count);
        while (top.size() < count && !ranked.isEmpty()) {
            int id = ranked.next();
            top.add(new Entry(id, probabilities.logOf(id)));
        }
        return top;
    }
}
