package dev.fovea.models.siglip;

import dev.fovea.models.vit.VitConfig.Gelu;

/**
 * Sizes of the text tower.
 *
 * @param vocabSize V
 * @param maxLength longest text in tokens; shorter ones are padded to it
 * @param width D
 * @param depth number of blocks
 * @param mlpDim F
 * @param numHeads attention heads
 * @param outDim width of the text's vector
 * @param normEps epsilon of the layer norms
 * @param gelu form of the MLP's nonlinearity
 */
public record TextConfig(
        int vocabSize,
        int maxLength,
        int width,
        int depth,
        int mlpDim,
        int numHeads,
        int outDim,
        double normEps,
        Gelu gelu) {

    public TextConfig {
        if (width % numHeads != 0) {
            throw new IllegalArgumentException(
                    "text width %d is not a multiple of numHeads %d".formatted(width, numHeads));
        }
        if (vocabSize < 1 || maxLength < 1 || outDim < 1) {
            throw new IllegalArgumentException(
                    "text tower: vocabSize %d, maxLength %d, outDim %d: each must be at least 1"
                            .formatted(vocabSize, maxLength, outDim));
        }
    }
}
