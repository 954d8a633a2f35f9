package dev.fovea.generate;

/**
 * Texts being written side by side, one a row, with what the model keeps of the tokens it was fed (its cache). Safe for
 * use by one thread at a time.
 */
public interface Decoding extends AutoCloseable {

    /** Number of texts; 0 before the first tokens. */
    int rows();

    /** Tokens fed to the longest row. */
    int length();

    /**
     * Feeds tokens and gives the logits of what may come next.
     *
     * @param tokens one row a text, each with at least one token; those of the first call may be of different lengths,
     *     later ones are all as long as each other
     * @return {@code [rows][V]}, in arrays that the next call may use again
     */
    float[][] next(int[][] tokens);

    /** The same for a single text: {@code [V]}. */
    default float[] next(int... tokens) {
        return next(new int[][] {tokens})[0];
    }

    /**
     * Feeds tokens to a single text and gives the logits of what may come after each of them.
     *
     * @return {@code [tokens][V]}, in arrays that the next call may use again
     */
    default float[][] each(int... tokens) {
        var logits = new float[tokens.length][];
        for (int i = 0; i < tokens.length; i++) {
            logits[i] = next(tokens[i]).clone();
        }
        return logits;
    }

    /**
     * Feeds tokens and says how likely each was after all before it.
     *
     * @param tokens one row a text, all as long as each other; something must have been fed before
     */
    Scores score(int[][] tokens);

    /**
     * How likely tokens were.
     *
     * @param logprobs natural logarithms of their probabilities, {@code [rows][tokens]}
     * @param best whether each was the likeliest, {@code [rows][tokens]}
     */
    record Scores(double[][] logprobs, boolean[][] best) {

        /** Sum over the tokens of a row. */
        public double sum(int row) {
            double sum = 0;
            for (double x : logprobs[row]) {
                sum += x;
            }
            return sum;
        }

        /** Whether greedy decoding would have written this row. */
        public boolean isGreedy(int row) {
            for (boolean x : best[row]) {
                if (!x) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Row i goes on from where row {@code rows[i]} is; there may be more or fewer rows than before. */
    void reorder(int... rows);

    /** Whether {@link #rewind} to this length is possible. */
    boolean canRewind(int length);

    /** Whether so many tokens, fed next, could be forgotten again by {@link #rewind}. */
    default boolean canTakeBack(int tokens) {
        return false;
    }

    /** Forgets all but the first tokens of each row, so that another continuation can be fed. */
    void rewind(int length);

    @Override
    void close();
}
