package dev.fovea.verify;

import dev.fovea.generate.Logprobs;
import java.util.List;

/** What greedy decoding saw and chose at every step. */
final class GreedyPath {

    private static final int BEST = 5;

    private final int rows;
    private final int steps;
    private final long[] ids; // [rows, steps]
    private final long[] bestIds; // [rows, steps, 5]
    private final double[] bestLogits; // [rows, steps, 5]
    private final double[] logSums; // [rows, steps]

    GreedyPath(int rows, int steps) {
        this.rows = rows;
        this.steps = steps;
        ids = new long[rows * steps];
        bestIds = new long[rows * steps * BEST];
        bestLogits = new double[rows * steps * BEST];
        logSums = new double[rows * steps];
    }

    /** The likeliest token of each row. */
    int[][] choose(int step, float[][] logits) {
        var chosen = new int[rows][];
        for (int row = 0; row < rows; row++) {
            List<Logprobs.Entry> best = Logprobs.top(logits[row], BEST);
            int at = row * steps + step;
            for (int rank = 0; rank < BEST; rank++) {
                bestIds[at * BEST + rank] = best.get(rank).id();
                bestLogits[at * BEST + rank] = logits[row][best.get(rank).id()];
            }
            ids[at] = best.getFirst().id();
            logSums[at] = bestLogits[at * BEST] - best.getFirst().logprob();
            chosen[row] = new int[] {best.getFirst().id()};
        }
        return chosen;
    }

    /** The chosen tokens, row by row. */
    long[] ids() {
        return ids;
    }

    /** Compares all; a single row is recorded without the axis of rows where {@code batch} is false. */
    void compare(Case c, String prefix, boolean batch) {
        c.compare(prefix + "_ids", ids, shape(batch, steps));
        c.compare(prefix + "_top5_ids", bestIds, shape(batch, steps, BEST));
        c.compare(prefix + "_top5_logits", bestLogits, shape(batch, steps, BEST));
        c.compare(prefix + "_logsumexp", logSums, shape(batch, steps));
    }

    private long[] shape(boolean batch, long... rest) {
        if (!batch) {
            return rest;
        }
        var shape = new long[rest.length + 1];
        shape[0] = rows;
        System.arraycopy(rest, 0, shape, 1, rest.length);
        return shape;
    }
}
