package dev.fovea.models.gemma;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Rows of tokens and the pictures in them.
 *
 * @param ids int64 {@code [B, T]}
 * @param mask 1 at tokens, 0 at padding, {@code [B, T]}; null without padding
 * @param images {@code [N, H, W, 3]} in [-1, 1], in the order of their placeholders, row by row; null without pictures
 */
public record GemmaInput(
        Tensor ids, @Nullable Tensor mask, @Nullable Tensor images) {

    /** Rows of equal length, without padding and pictures. */
    public static GemmaInput of(Tensor ids) { // int64 [B, T]
        return new GemmaInput(ids, null, null);
    }
}
