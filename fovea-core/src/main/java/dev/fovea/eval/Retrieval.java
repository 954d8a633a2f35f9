package dev.fovea.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Image-text retrieval by cosine, in both directions, with any number of captions an image. Recall@k is the share of
 * queries with a right answer among the k nearest; among equal cosines the earlier answer comes first.
 *
 * @param images one vector an image
 * @param texts one vector a caption
 * @param imageOfText the image that a caption belongs to, by position
 * @param ks the k of recall@k, 1, 5 and 10 as published
 */
public record Retrieval(Features images, Features texts, int[] imageOfText, List<Integer> ks) implements Evaluator {

    /** Entries of a block of the similarity matrix. */
    private static final int BLOCK = 1 << 22;

    public Retrieval {
        images.expectWidth(texts);
        if (imageOfText.length != texts.size()) {
            throw new IllegalArgumentException(
                    "%d captions, and images for %d of them".formatted(texts.size(), imageOfText.length));
        }
        for (int i : imageOfText) {
            if (i < 0 || i >= images.size()) {
                throw new IllegalArgumentException(
                        "a caption of image %d, there are %d images".formatted(i, images.size()));
            }
        }
        ks = List.copyOf(ks);
    }

    public Retrieval(Features images, Features texts, int[] imageOfText) {
        this(images, texts, imageOfText, List.of(1, 5, 10));
    }

    /** {@code imageToText@1} and so on, then {@code textToImage@1} and so on. An image without captions is no query. */
    @Override
    public SequencedMap<String, Double> evaluate() {
        List<List<Integer>> captions = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            captions.add(new ArrayList<>());
        }
        List<List<Integer>> owner = new ArrayList<>();
        for (int t = 0; t < imageOfText.length; t++) {
            captions.get(imageOfText[t]).add(t);
            owner.add(List.of(imageOfText[t]));
        }
        var recalls = new LinkedHashMap<String, Double>();
        report("imageToText", ranks(images, texts, captions), recalls);
        report("textToImage", ranks(texts, images, owner), recalls);
        return recalls;
    }

    private void report(String direction, List<Integer> ranks, SequencedMap<String, Double> recalls) {
        for (int k : ks) {
            long found = ranks.stream().filter(rank -> rank < k).count();
            recalls.put("%s@%d".formatted(direction, k), (double) found / ranks.size());
        }
    }

    /** For every query with an answer, how many others come before its first right answer. */
    private static List<Integer> ranks(Features queries, Features answers, List<List<Integer>> right) {
        Features from = queries.normalized();
        Features to = answers.normalized();
        var ranks = new ArrayList<Integer>();
        int rows = Math.max(1, BLOCK / answers.size());
        for (int start = 0; start < from.size(); start += rows) {
            int end = Math.min(start + rows, from.size());
            int width = from.width();
            var block = new Features(width, Arrays.copyOfRange(from.values(), start * width, end * width));
            float[] similarity = Similarity.products(block, to); // [end - start, M]
            for (int q = start; q < end; q++) {
                if (!right.get(q).isEmpty()) {
                    ranks.add(rank(similarity, (q - start) * to.size(), to.size(), right.get(q)));
                }
            }
        }
        return ranks;
    }

    private static int rank(float[] similarity, int row, int count, List<Integer> right) {
        int best = right.getFirst();
        for (int r : right) {
            best = similarity[row + r] > similarity[row + best] ? r : best;
        }
        int before = 0;
        float own = similarity[row + best];
        for (int a = 0; a < count; a++) {
            float s = similarity[row + a];
            before += s > own || (s == own && a < best) ? 1 : 0;
        }
        return before;
    }
}
