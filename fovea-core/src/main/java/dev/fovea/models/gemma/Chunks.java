package dev.fovea.models.gemma;

import dev.fovea.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How long prompts are cut: a picture is never cut, so that its soft tokens see one another.
 *
 * @param size tokens of a chunk
 */
record Chunks(int size) {

    /** Enough for the matrix products, few enough for the masks and activations. */
    static final int SIZE = 512;

    /** Tokens of the chunk that begins at {@code at}, more than usual where it would cut a picture. */
    int at(@Nullable Tensor soft, long at, long length) { // bool [B, T]
        long end = Math.min(at + size, length);
        while (soft != null && end < length && cutsPicture(soft, end)) {
            end++;
        }
        return (int) (end - at);
    }

    private static boolean cutsPicture(Tensor soft, long at) { // bool [B, T]
        try (var _ = new Scope()) {
            return soft.select(1, at - 1).logical_and(soft.select(1, at)).any().item_bool();
        }
    }
}
