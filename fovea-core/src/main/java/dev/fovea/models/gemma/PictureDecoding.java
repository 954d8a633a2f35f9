package dev.fovea.models.gemma;

import dev.fovea.generate.Decoding;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Texts being written by a model that may be shown pictures. */
public interface PictureDecoding extends Decoding {

    /**
     * Feeds tokens with pictures among them.
     *
     * @param images {@code [N, H, W, 3]} in [-1, 1], in the order of their placeholders, row by row; null for none
     */
    float[][] next(int[][] tokens, @Nullable Tensor images);

    @Override
    default float[][] next(int[][] tokens) {
        return next(tokens, null);
    }
}
