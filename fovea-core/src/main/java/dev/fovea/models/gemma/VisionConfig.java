package dev.fovea.models.gemma;

import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Pool;

/**
 * How pictures enter the text.
 *
 * @param vit the SigLIP tower, without pooling
 * @param numTokens N, soft tokens a picture: a square number
 * @param imageToken id of the placeholder of a soft token; may lie outside the vocabulary
 * @param startToken id before a picture's soft tokens
 * @param endToken id after them
 */
public record VisionConfig(VitConfig vit, int numTokens, int imageToken, int startToken, int endToken) {

    public VisionConfig {
        if (vit.pool() != Pool.NONE || vit.numClasses() != 0 || vit.repSize() != 0) {
            throw new IllegalArgumentException("picture tower: wanted its tokens, without pooling and head");
        }
        int side = side(numTokens);
        if (side * side != numTokens
                || vit.grid().height() % side != 0
                || vit.grid().width() % side != 0) {
            throw new IllegalArgumentException("%d soft tokens a picture: wanted a square number whose side divides %s"
                    .formatted(numTokens, vit.grid()));
        }
    }

    /** Soft tokens along a side of a picture. */
    public int side() {
        return side(numTokens);
    }

    private static int side(int numTokens) {
        return Math.max(1, (int) Math.round(Math.sqrt(Math.max(1, numTokens))));
    }

    /** Parameters of the tower. */
    public long towerParameters() {
        long d = vit.width();
        long block = 4 * (d * d + d) + 2L * vit.mlpDim() * d + vit.mlpDim() + d + 4 * d;
        long patch = 3L * vit.patch().height() * vit.patch().width() * d + d;
        return vit.depth() * block + patch + vit.numPatches() * d + 2 * d;
    }

    /** Parameters between tower and text. */
    public long projectorParameters(int textWidth) {
        return vit.width() + (long) vit.width() * textWidth;
    }
}
