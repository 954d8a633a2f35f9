package dev.fovea.generate;

import java.util.Arrays;

/** The few tokens that stay when all others of a row of logits are ruled out. */
final class Kept {

    private final float[] logits;
    private int[] ids = new int[64];
    private int size;

    Kept(float[] logits) {
        this.logits = logits;
    }

    void add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size++] = id;
    }

    /** Gives every token that was not added negative infinity. */
    void removeOthers() {
        var values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = logits[ids[i]];
        }
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < size; i++) {
            logits[ids[i]] = values[i];
        }
    }
}
