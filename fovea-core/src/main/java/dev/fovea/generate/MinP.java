package dev.fovea.generate;

/** Keeps tokens at least {@code minP} times as probable as the most probable one (arXiv 2407.01082). */
public record MinP(double minP) implements LogitsProcessor {

    public MinP {
        if (!(minP >= 0 && minP <= 1)) {
            throw new IllegalArgumentException("minP %s, wanted 0 to 1".formatted(minP));
        }
    }

    @Override
    public void process(float[] logits, int[] history) {
        float max = logits[Probabilities.best(logits)];
        for (int i = 0; i < logits.length; i++) {
            if (Math.exp((double) logits[i] - max) < minP) {
                logits[i] = Float.NEGATIVE_INFINITY;
            }
        }
    }
}
