package dev.fovea.generate;

import java.util.Arrays;
import java.util.SplittableRandom;

/** A language model in which the next token depends on the last one alone. */
final class ChainDecoding implements Decoding {

    private final float[][] logits;
    private int[] last = new int[0];
    private int length;

    ChainDecoding(int vocabSize, long seed) {
        var random = new SplittableRandom(seed);
        logits = new float[vocabSize][vocabSize];
        for (float[] row : logits) {
            for (int i = 0; i < vocabSize; i++) {
                row[i] = (float) (3 * random.nextGaussian());
            }
        }
    }

    /** ln p of a text after a token. */
    double logprob(int first, int... text) {
        double sum = 0;
        for (int id : text) {
            sum += Logprobs.of(logits[first], id);
            first = id;
        }
        return sum;
    }

    @Override
    public int rows() {
        return last.length;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public float[][] next(int[][] tokens) {
        length += tokens[0].length;
        last = Arrays.stream(tokens).mapToInt(row -> row[row.length - 1]).toArray();
        return Arrays.stream(last).mapToObj(id -> logits[id].clone()).toArray(float[][]::new);
    }

    @Override
    public void reorder(int... rows) {
        int[] before = last;
        last = Arrays.stream(rows).map(row -> before[row]).toArray();
    }

    @Override
    public Scores score(int[][] tokens) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean canRewind(int newLength) {
        return false;
    }

    @Override
    public void rewind(int newLength) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
