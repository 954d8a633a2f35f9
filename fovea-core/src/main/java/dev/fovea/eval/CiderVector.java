package dev.fovea.eval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The n-grams of a text weighted by how rare they are. The length that CIDEr-D compares is the number of bigrams, as the
 * reference has it.
 */
record CiderVector(List<Map<List<String>, Double>> weights, double[] norms, int bigrams) {

    static CiderVector of(String text, int n, Map<List<String>, Integer> documents, int numDocuments) {
        List<Map<List<String>, Double>> weights = new ArrayList<>();
        for (int k = 0; k < n; k++) {
            weights.add(new HashMap<>());
        }
        var squares = new double[n];
        NGrams ngrams = NGrams.of(text, n);
        ngrams.counts().forEach((ngram, count) -> {
            double rarity = Math.log(numDocuments) - Math.log(Math.max(1, documents.getOrDefault(ngram, 0)));
            double weight = count * rarity;
            weights.get(ngram.size() - 1).put(ngram, weight);
            squares[ngram.size() - 1] += weight * weight;
        });
        for (int k = 0; k < n; k++) {
            squares[k] = Math.sqrt(squares[k]);
        }
        return new CiderVector(weights, squares, Math.max(0, ngrams.words() - 1));
    }

    /** Mean over n of the clipped cosines, less for a different length. */
    double similarity(CiderVector reference, double sigma) {
        double delta = bigrams - reference.bigrams;
        double penalty = Math.exp(-delta * delta / (2 * sigma * sigma));
        double sum = 0;
        for (int k = 0; k < norms.length; k++) {
            Map<List<String>, Double> others = reference.weights.get(k);
            double product = 0;
            for (var entry : weights.get(k).entrySet()) {
                double other = others.getOrDefault(entry.getKey(), 0.0);
                product += Math.min(entry.getValue(), other) * other;
            }
            double norm = norms[k] * reference.norms[k];
            sum += (norm == 0 ? product : product / norm) * penalty;
        }
        return sum / norms.length;
    }
}
