package dev.fovea.generate;

/** The softmax of a row of logits, in float64. */
final class Probabilities {

    private final float[] logits;
    private final double max;
    private final double sum;

    Probabilities(float[] logits) {
        this.logits = logits;
        this.max = logits[best(logits)];
        double sum = 0;
        for (float x : logits) {
            if (x > Float.NEGATIVE_INFINITY) {
                sum += Math.exp(x - max);
            }
        }
        this.sum = sum;
    }

    /** The id of the largest logit, the lowest among equals. */
    static int best(float[] logits) {
        int best = 0;
        for (int i = 0; i < logits.length; i++) {
            if (Float.isNaN(logits[i])) {
                throw new IllegalArgumentException("logit of token %d is not a number".formatted(i));
            }
            best = logits[i] > logits[best] ? i : best;
        }
        if (Float.isInfinite(logits[best])) {
            throw new IllegalArgumentException(
                    logits[best] > 0
                            ? "a logit is infinite"
                            : "every one of %d tokens is ruled out".formatted(logits.length));
        }
        return best;
    }

    double of(int id) {
        return Math.exp(logits[id] - max) / sum;
    }

    double logOf(int id) {
        return logits[id] - max - Math.log(sum);
    }
}
