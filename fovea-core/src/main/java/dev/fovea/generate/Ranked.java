package dev.fovea.generate;

/**
 * Tokens by falling logit, the lower id first among equals, drawn one by one from a heap: the few that matter of a large
 * vocabulary cost no sorting of the rest. Tokens of probability zero are not among them.
 */
final class Ranked {

    private final float[] logits;
    private final int[] heap;
    private int size;

    Ranked(float[] logits) {
        this.logits = logits;
        int possible = 0;
        for (float x : logits) {
            possible += x > Float.NEGATIVE_INFINITY ? 1 : 0;
        }
        this.heap = new int[possible];
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] > Float.NEGATIVE_INFINITY) {
                heap[size++] = i;
            }
        }
        for (int i = size / 2 - 1; i >= 0; i--) {
            sink(i);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** The id of the largest logit that is left; removed. */
    int next() {
        int best = heap[0];
        heap[0] = heap[--size];
        sink(0);
        return best;
    }

    private void sink(int at) {
        int moved = heap[at];
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], moved)) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = moved;
    }

    private boolean before(int a, int b) {
        return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
    }
}
