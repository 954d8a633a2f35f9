package dev.fovea.eval;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sums over captions from which BLEU-1 to BLEU-n follow. */
final class BleuCounts {

    private static final double SMALL = 1e-9;
    private static final double TINY = 1e-15;

    private final long[] guessed;
    private final long[] right;
    private long length;
    private long referenceLength;

    BleuCounts(int n) {
        guessed = new long[n];
        right = new long[n];
    }

    void add(CaptionMetrics.Row row) {
        int n = guessed.length;
        NGrams own = NGrams.of(row.prediction(), n);
        Map<List<String>, Integer> most = new HashMap<>();
        int nearest = -1;
        for (String reference : row.references()) {
            NGrams other = NGrams.of(reference, n);
            other.counts().forEach((ngram, count) -> most.merge(ngram, count, Math::max));
            nearest = nearest < 0 ? other.words() : nearer(own.words(), nearest, other.words());
        }
        length += own.words();
        referenceLength += nearest;
        for (int k = 0; k < n; k++) {
            guessed[k] += Math.max(0, own.words() - k);
        }
        own.counts().forEach((ngram, count) -> right[ngram.size() - 1] += Math.min(count, most.getOrDefault(ngram, 0)));
    }

    private static int nearer(int to, int a, int b) {
        int difference = Math.abs(a - to) - Math.abs(b - to);
        return difference == 0 ? Math.min(a, b) : difference < 0 ? a : b;
    }

    double[] scores() {
        double ratio = (length + TINY) / (referenceLength + SMALL);
        double brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
        var scores = new double[guessed.length];
        double product = 1;
        for (int k = 0; k < scores.length; k++) {
            product *= (right[k] + TINY) / (guessed[k] + SMALL);
            scores[k] = Math.pow(product, 1.0 / (k + 1)) * brevity;
        }
        return scores;
    }
}
