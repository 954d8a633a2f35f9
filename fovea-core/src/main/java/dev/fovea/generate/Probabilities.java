package dev.fovea.generate;

/** The softmax of a row of logits, in float64. */
final class Probabilities {

    private final float[] logits;
    private final double max;
    private final double sum;

    Probabilities(float[] logits) {
        this.logits = logits;
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < logits.length; i++) {
            if (Float.isNaN(logits[i])) {
                throw new IllegalArgumentException("logit of token %d is not a number".formatted(i));
            }
            max = Math.max(max, logits[i]);
        }
        if (Double.isInfinite(max)) {
            throw new IllegalArgumentException(
                    max > 0 ? "a logit is infinite" : "every one of %d tokens is ruled out".formatted(logits.length));
        }
        this.max = max;
        double sum = 0;
        for (float x : logits) {
            if (x > Float.NEGATIVE_INFINITY) {
                sum += Math.exp(x - max);
            }
        }
        this.sum = sum;
    }

    /** The largest logit. */
    double max() {
        return max;
    }

    double of(int id) {
        return Math.exp(logits[id] - max) / sum;
    }

    double logOf(int id) {
        return logits[id] - max - Math.log(sum);
    }
}
