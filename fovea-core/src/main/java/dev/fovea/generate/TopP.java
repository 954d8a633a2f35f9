package dev.fovea.generate;

/**
 * Keeps the fewest of the most probable tokens whose probabilities sum to {@code p} or more (nucleus sampling,
 * arXiv 1904.09751): a token stays while those before it sum to less than {@code p}. The most probable always stays.
 */
public record TopP(double p) implements LogitsProcessor {

    public TopP {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("topP %s, wanted 0 to 1".formatted(p));
        }
    }

    @Override
    public void process(float[] logits, int[] history) {
        var probabilities = new Probabilities(logits);
        var kept = new Kept(logits);
        var ranked = new Ranked(logits);
        double before = 0;
        do {
            int id = ranked.next();
            kept.add(id);
            before += probabilities.of(id);
        } while (before < p && !ranked.isEmpty());
        kept.removeOthers();
    }
}
