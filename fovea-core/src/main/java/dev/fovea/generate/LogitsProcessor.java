package dev.fovea.generate;

/** One change to the logits before a token is chosen. */
@FunctionalInterface
public interface LogitsProcessor {

    /**
     * Changes the logits in place; a token that may not come gets negative infinity.
     *
     * @param logits {@code [V]}
     * @param history ids of prompt and answer so far
     */
    void process(float[] logits, int[] history);
}
