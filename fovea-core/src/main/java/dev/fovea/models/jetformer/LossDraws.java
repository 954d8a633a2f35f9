package dev.fovea.models.jetformer;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The random numbers of one loss.
 *
 * @param dequantisation uniform on [0, 1), of the pictures' shape
 * @param rgb standard normal, of the pictures' shape; null for no noise
 * @param pca standard normal, one for each component of each patch; null for no noise
 * @param latentStd uniform on [0, 1) {@code [B, 1, 1]}: the part of the largest noise that an example gets; null for none
 * @param latent standard normal {@code [B, N, d]}; null for none
 * @param drop uniform on [0, 1) {@code [B]}; null where nothing is dropped
 */
public record LossDraws(
        Tensor dequantisation,
        @Nullable Tensor rgb,
        @Nullable Tensor pca,
        @Nullable Tensor latentStd,
        @Nullable Tensor latent,
        @Nullable Tensor drop) {

    /** What training on these pictures draws, from the engine's generator. */
    static LossDraws training(JetFormerConfig c, LossConfig loss, Tensor image) { // [B, H, W, c]
        long rows = image.size(0);
        boolean latent = loss.latentNoise() > 0;
        return new LossDraws(
                torch.rand_like(image),
                loss.rgbNoise() > 0 ? torch.randn_like(image) : null,
                c.pca() == null ? null : normal(image, rows, c.numTokens(), c.tokenWidth()),
                latent ? uniform(image, rows, 1, 1) : null,
                latent ? normal(image, rows, c.numTokens(), c.softDims()) : null,
                loss.labelDrop() > 0 ? uniform(image, rows) : null);
    }

    /** What evaluation draws: dequantisation alone. */
    static LossDraws evaluation(Tensor image) { // [B, H, W, c]
        return new LossDraws(torch.rand_like(image), null, null, null, null, null);
    }

    private static Tensor normal(Tensor like, long... shape) {
        return torch.randn(shape, like.options());
    }

    private static Tensor uniform(Tensor like, long... shape) {
        return torch.rand(shape, like.options());
    }
}
