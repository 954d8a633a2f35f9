package dev.fovea.generate;

/** No {@code n} tokens that stand together in the history come together again. */
public record NoRepeatNgram(int n) implements LogitsProcessor {

    public NoRepeatNgram {
        if (n < 1) {
            throw new IllegalArgumentException("noRepeatNgram %d, wanted 1 or more".formatted(n));
        }
    }

    @Override
    public void process(float[] logits, int[] history) {
        int tail = history.length - (n - 1);
        for (int start = 0; start + n <= history.length; start++) {
            boolean same = true;
            for (int i = 0; i < n - 1 && same; i++) {
                same = history[start + i] == history[tail + i];
            }
            int last = history[start + n - 1];
            if (same && last < logits.length) { // a placeholder outside the vocabulary cannot come anyway
                logits[last] = Float.NEGATIVE_INFINITY;
            }
        }
    }
}
