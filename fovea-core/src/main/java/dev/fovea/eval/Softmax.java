package dev.fovea.eval;

/** The probabilities of one row of logits, in float64. */
record Softmax(float[] logits, int from, int numClasses, double logSum) {

    static Softmax of(float[] logits, int from, int numClasses) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + numClasses; i++) {
            if (Float.isNaN(logits[i])) {
                throw new IllegalArgumentException(
                        "logit of class %d in row %d is not a number".formatted(i - from, from / numClasses));
            }
            max = Math.max(max, logits[i]);
        }
        if (Double.isInfinite(max)) {
            throw new IllegalArgumentException("highest logit of row %d is %s".formatted(from / numClasses, max));
        }
        double sum = 0;
        for (int i = from; i < from + numClasses; i++) {
            sum += Math.exp(logits[i] - max);
        }
        return new Softmax(logits, from, numClasses, max + Math.log(sum));
    }

    double logProbability(int c) {
        return logits[from + c] - logSum;
    }

    double probability(int c) {
        return Math.exp(logProbability(c));
    }

    /** The class of the highest logit, the first among equals. */
    int best() {
        int best = 0;
        for (int c = 1; c < numClasses; c++) {
            best = logits[from + c] > logits[from + best] ? c : best;
        }
        return best;
    }

    /** How many classes come before {@code c}: those of a higher logit, and those of the same with a lower number. */
    int rank(int c) {
        int before = 0;
        float own = logits[from + c];
        for (int other = 0; other < numClasses; other++) {
            float x = logits[from + other];
            before += x > own || (x == own && other < c) ? 1 : 0;
        }
        return before;
    }
}
