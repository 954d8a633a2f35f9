package dev.fovea.generate;

/**
 * Both limits in the order of gemma_pytorch: a token stays while those before it sum to {@code p} or less of the whole
 * vocabulary's mass, and while it is among the first {@code k}, exactly {@code k} also where logits are equal. {@link TopK}
 * followed by {@link TopP} keeps another set, since there the mass is that of the {@code k}.
 */
public record TopPThenTopK(double p, int k) implements LogitsProcessor {

    public TopPThenTopK {
        new TopP(p); // the same limits as alone
        new TopK(k);
    }

    @Override
    public void process(float[] logits, int[] history) {
        var probabilities = new Probabilities(logits);
        var kept = new Kept(logits);
        var ranked = new Ranked(logits);
        double before = 0;
        for (int rank = 0; rank < k && before <= p && !ranked.isEmpty(); rank++) {
            int id = ranked.next();
            kept.add(id);
            before += probabilities.of(id);
        }
        kept.removeOthers();
    }
}
