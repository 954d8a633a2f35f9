package dev.fovea.generate;

/** The softmax of a row of logits, in float64. */
final class Probabilities {

    private static final int STEPS = 256;
    private static final double STEPS_PER_E = STEPS / Math.log(2);
    /** Upper bits of ln(2) / {@value #STEPS}: times a whole number below 2^20 it is exact. */
    private static final double STEP_HIGH = (float) (Math.log(2) / STEPS);

    /** The rest of it, of ln(2) to more than double precision. */
    private static final double STEP_LOW = (Math.log(2) - STEPS * STEP_HIGH + 2.3190468138462996e-17) / STEPS;
    /** Adding it rounds to a whole number, which the lowest bits then hold. */
    private static final double ROUND = 0x1.8p52;
    /** Below, a term is nothing beside the largest, which is 1. */
    private static final double LEAST = -700;

    private static final double[] POWERS = new double[STEPS];

    static {
        for (int i = 0; i < STEPS; i++) {
            POWERS[i] = Math.pow(2, (double) i / STEPS);
        }
    }

    private final float[] logits;
    private final double max;
    private final double sum;

    Probabilities(float[] logits) {
        this.logits = logits;
        this.max = logits[best(logits)];
        double even = 0;
        double odd = 0;
        for (int i = 0; i + 1 < logits.length; i += 2) { // two sums, so that one addition need not wait for the last
            even += exp(logits[i] - max);
            odd += exp(logits[i + 1] - max);
        }
        if (logits.length % 2 > 0) {
            even += exp(logits[logits.length - 1] - max);
        }
        this.sum = even + odd;
    }

    /**
     * e to the power of x, for x up to 0, within a few units of the last place: with {@link Math#exp} a choice among 262,144 took 1.6 instead of 1.0 ms.
     * 2^(n/256) comes from a table and the rest, below 0.0014, from the Taylor series.
     */
    static double exp(double x) {
        if (x < LEAST) {
            return 0;
        }
        double rounded = x * STEPS_PER_E + ROUND;
        int n = (int) Double.doubleToRawLongBits(rounded);
        double turns = rounded - ROUND;
        double r = x - turns * STEP_HIGH - turns * STEP_LOW;
        double series = 1 + r * (1 + r * (1.0 / 2 + r * (1.0 / 6 + r * (1.0 / 24))));
        double power = POWERS[n & STEPS - 1] * series;
        return Double.longBitsToDouble(Double.doubleToRawLongBits(power) + ((long) (n >> 8) << 52));
    }

    /** The id of the largest logit, the lowest among equals. */
    static int best(float[] logits) {
        float max = Float.NEGATIVE_INFINITY;
        for (float x : logits) {
            max = Math.max(max, x); // not a number once one of them is none
        }
        if (Float.isInfinite(max)) {
            throw new IllegalArgumentException(
                    max > 0 ? "a logit is infinite" : "every one of %d tokens is ruled out".formatted(logits.length));
        }
        int best = 0;
        while (logits[best] < max) {
            best++;
        }
        if (Float.isNaN(max)) {
            while (!Float.isNaN(logits[best])) {
                best++;
            }
            throw new IllegalArgumentException("logit of token %d is not a number".formatted(best));
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
