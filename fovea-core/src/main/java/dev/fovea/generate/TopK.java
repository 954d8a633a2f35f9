package dev.fovea.generate;

import java.util.Arrays;

/** Keeps the tokens of the {@code k} largest logits, and those that equal the smallest of them. */
public record TopK(int k) implements LogitsProcessor {

    public TopK {
        if (k < 1) {
            throw new IllegalArgumentException("topK %d, wanted 1 or more".formatted(k));
        }
    }

    @Override
    public void process(float[] logits, int[] history) {
        if (k >= logits.length) {
            return;
        }
        float border = largest(logits, k);
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] < border) {
                logits[i] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    /** The {@code k}-th largest value: a heap of the largest seen, the smallest of them at its root. */
    private static float largest(float[] values, int k) {
        float[] heap = Arrays.copyOf(values, k);
        for (int i = k / 2 - 1; i >= 0; i--) {
            sink(heap, i);
        }
        for (int i = k; i < values.length; i++) {
            if (values[i] > heap[0]) {
                heap[0] = values[i];
                sink(heap, 0);
            }
        }
        return heap[0];
    }

    private static void sink(float[] heap, int at) {
        float moved = heap[at];
        for (int child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
            if (child + 1 < heap.length && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= moved) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = moved;
    }
}
