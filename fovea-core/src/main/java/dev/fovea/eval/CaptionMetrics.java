package dev.fovea.eval;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Scores of captions against several references each, as the COCO caption evaluation computes them. Texts are taken as
 * they are, words cut at blanks: lower case and punctuation are the caller's matter.
 */
public final class CaptionMetrics {

    /** One image: what was said, and what people said. */
    public record Row(String prediction, List<String> references) {

        public Row {
            references = List.copyOf(references);
            if (references.isEmpty()) {
                throw new IllegalArgumentException("caption \"%s\" has no reference".formatted(prediction));
            }
        }
    }

    /** Score of the whole, and of every image. */
    public record Scores(double corpus, double[] perImage) {}

    private CaptionMetrics() {}

    /**
     * BLEU-1 to BLEU-n (ACL 2002, P02-1040) with the nearest reference length, the shorter of two as near. Of the corpus it
     * comes from the sums of the counts, not from the images' scores.
     */
    public static Scores[] bleu(List<Row> rows, int n) {
        var total = new BleuCounts(n);
        var perImage = new double[n][rows.size()];
        for (int i = 0; i < rows.size(); i++) {
            var own = new BleuCounts(n);
            own.add(rows.get(i));
            total.add(rows.get(i));
            double[] scores = own.scores();
            for (int k = 0; k < n; k++) {
                perImage[k][i] = scores[k];
            }
        }
        double[] corpus = total.scores();
        var scores = new Scores[n];
        for (int k = 0; k < n; k++) {
            scores[k] = new Scores(corpus[k], perImage[k]);
        }
        return scores;
    }

    /** CIDEr-D (arXiv 1411.5726, section 4.1) with n-grams up to n; document frequencies come from these references. */
    public static Scores cider(List<Row> rows, int n, double sigma) {
        Map<List<String>, Integer> documents = new HashMap<>();
        for (Row row : rows) {
            Set<List<String>> seen = new HashSet<>();
            row.references.forEach(r -> seen.addAll(NGrams.of(r, n).counts().keySet()));
            seen.forEach(ngram -> documents.merge(ngram, 1, Integer::sum));
        }
        var perImage = new double[rows.size()];
        for (int i = 0; i < perImage.length; i++) {
            Row row = rows.get(i);
            CiderVector own = CiderVector.of(row.prediction, n, documents, rows.size());
            double sum = 0;
            for (String reference : row.references) {
                sum += own.similarity(CiderVector.of(reference, n, documents, rows.size()), sigma);
            }
            perImage[i] = 10 * sum / row.references.size();
        }
        return new Scores(mean(perImage), perImage);
    }

    /** ROUGE-L (W04-1013): the longest common subsequence's best precision and best recall, over the references apart. */
    public static Scores rouge(List<Row> rows, double beta) {
        var perImage = new double[rows.size()];
        for (int i = 0; i < perImage.length; i++) {
            String[] own = rows.get(i).prediction.split(" ", -1);
            double precision = 0;
            double recall = 0;
            for (String reference : rows.get(i).references) {
                String[] other = reference.split(" ", -1);
                double common = commonSubsequence(own, other);
                precision = Math.max(precision, common / own.length);
                recall = Math.max(recall, common / other.length);
            }
            perImage[i] = precision == 0 || recall == 0
                    ? 0
                    : (1 + beta * beta) * precision * recall / (recall + beta * beta * precision);
        }
        return new Scores(mean(perImage), perImage);
    }

    private static int commonSubsequence(String[] a, String[] b) {
        var longest = new int[a.length + 1][b.length + 1];
        for (int i = 1; i <= a.length; i++) {
            for (int j = 1; j <= b.length; j++) {
                longest[i][j] = a[i - 1].equals(b[j - 1])
                        ? longest[i - 1][j - 1] + 1
                        : Math.max(longest[i - 1][j], longest[i][j - 1]);
            }
        }
        return longest[a.length][b.length];
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double v : values) {
            sum += v;
        }
        return sum / values.length;
    }
}
