package dev.fovea.generate;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Rules that rule tokens out, always or by the number of tokens so far. */
public final class TokenRules {

    private TokenRules() {}

    /** These tokens never come. */
    public static LogitsProcessor never(Collection<Integer> ids) {
        List<Integer> banned = List.copyOf(ids);
        return (logits, _) -> ban(logits, banned);
    }

    /** These tokens do not come while prompt and answer have fewer than {@code length} tokens. */
    public static LogitsProcessor notBefore(int length, Collection<Integer> ids) {
        List<Integer> banned = List.copyOf(ids);
        return (logits, history) -> {
            if (history.length < length) {
                ban(logits, banned);
            }
        };
    }

    /** The token after exactly {@code length} tokens of prompt and answer is one of these. */
    public static LogitsProcessor exactlyAt(int length, Collection<Integer> ids) {
        List<Integer> forced = List.copyOf(ids);
        return (logits, history) -> {
            if (history.length == length) {
                Arrays.fill(logits, Float.NEGATIVE_INFINITY);
                forced.forEach(id -> logits[within(id, logits)] = 0);
            }
        };
    }

    /** These tokens do not come after exactly {@code length} tokens of prompt and answer. */
    public static LogitsProcessor notAt(int length, Collection<Integer> ids) {
        List<Integer> banned = List.copyOf(ids);
        return (logits, history) -> {
            if (history.length == length) {
                ban(logits, banned);
            }
        };
    }

    private static void ban(float[] logits, List<Integer> ids) {
        ids.forEach(id -> logits[within(id, logits)] = Float.NEGATIVE_INFINITY);
    }

    static int within(int id, float[] logits) {
        if (id < 0 || id >= logits.length) {
            throw new IllegalArgumentException("token %d: the vocabulary has %d".formatted(id, logits.length));
        }
        return id;
    }
}
