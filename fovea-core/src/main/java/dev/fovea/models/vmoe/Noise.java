package dev.fovea.models.vmoe;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** What is random in training: noise on the routers' logits, and dropout. None of it in evaluation. */
public interface Noise {

    /** Evaluation: nothing is random. */
    Noise NONE = new Noise() {
        @Override
        public @Nullable Tensor normal(Tensor like) {
            return null;
        }

        @Override
        public boolean training() {
            return false;
        }
    };

    /** Training: from the engine's generator. */
    Noise DRAWN = torch::randn_like;

    /** Standard normal values of this tensor's shape, or null in evaluation. */
    @Nullable
    Tensor normal(Tensor like);

    /** Whether this is training. */
    default boolean training() {
        return true;
    }
}
