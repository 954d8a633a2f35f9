package dev.fovea.models.vmoe;

import dev.fovea.config.Default;
import dev.fovea.models.vit.PositionTables;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import java.util.List;

/**
 * A Vision Transformer with experts.
 *
 * @param vit sizes and choices that it has in common with a dense one
 * @param moe its experts
 * @param qkNorm whether attention norms each head's query and key
 * @param temperature of sin-cos positions
 * @param headBias the head's fresh biases: -10 for many independent yes-or-no classes
 */
public record VmoeConfig(
        VitConfig vit,
        MoeConfig moe,
        @Default("false") boolean qkNorm,
        @Default("10000") double temperature,
        @Default("0") double headBias) {

    public VmoeConfig {
        if (vit.stem() != null) {
            throw new IllegalArgumentException("stem: a V-MoE takes patches of the picture itself");
        }
        if (vit.pool() == Pool.NONE) {
            throw new IllegalArgumentException("pool none: a V-MoE pools its tokens to one vector a picture");
        }
        List<Integer> blocks = moe.placement().blocks(vit.depth());
        if (blocks.isEmpty() && moe.router().ensemble() > 1) {
            throw new IllegalArgumentException("placement: an ensemble needs a block with experts");
        }
    }

    /** Sizes and experts alone, the rest as published. */
    public static VmoeConfig of(VitConfig vit, MoeConfig moe) {
        return new VmoeConfig(vit, moe, false, PositionTables.TEMPERATURE, 0);
    }

    /**
     * A published variant (arXiv 2106.05974, table 8) such as {@code S/32} or {@code 15B/14}; its S is not that of other
     * Vision Transformers: 8 blocks of width 512. A tanh layer of the same width comes before the head, but in 15B.
     */
    public static VmoeConfig published(String variant, Placement placement, int imageSize, int numClasses) {
        int slash = variant.indexOf('/');
        if (slash < 1 || !variant.substring(slash + 1).matches("[1-9][0-9]?")) {
            throw new IllegalArgumentException(
                    "variant %s: wanted a size and a patch, such as B/16".formatted(variant));
        }
        int[] sizes = // depth, width, mlpDim, numHeads
                switch (variant.substring(0, slash)) {
                    case "S" -> new int[] {8, 512, 2048, 8};
                    case "B" -> new int[] {12, 768, 3072, 12};
                    case "L" -> new int[] {24, 1024, 4096, 16};
                    case "H" -> new int[] {32, 1280, 5120, 16};
                    case "15B" -> new int[] {48, 1408, 6400, 16};
                    default ->
                        throw new IllegalArgumentException(
                                "variant %s: no such size; there are S, B, L, H, 15B".formatted(variant));
                };
        int patch = Integer.parseInt(variant.substring(slash + 1));
        var vit = new VitConfig(
                Size.of(imageSize),
                Size.of(patch),
                sizes[1],
                sizes[0],
                sizes[2],
                sizes[3],
                Positions.LEARN,
                Pool.TOK,
                variant.startsWith("15B") ? 0 : sizes[1],
                numClasses,
                1e-6,
                Gelu.TANH,
                null);
        return of(vit, MoeConfig.of(placement, 32, 2));
    }

    /** Tokens of a picture, a class token included. */
    public int numTokens() {
        return vit.numPatches() + (vit.pool() == Pool.TOK ? 1 : 0);
    }

    /** Blocks that have experts, ascending. */
    public List<Integer> moeBlocks() {
        return moe.placement().blocks(vit.depth());
    }

    /** The same network with other routing. */
    public VmoeConfig with(MoeConfig moe) {
        return new VmoeConfig(vit, moe, qkNorm, temperature, headBias);
    }

    /** The same network, its attention with or without norms of queries and keys. */
    public VmoeConfig withQkNorm(boolean qkNorm) {
        return new VmoeConfig(vit, moe, qkNorm, temperature, headBias);
    }

    /** The same network, its head beginning with these biases. */
    public VmoeConfig withHeadBias(double headBias) {
        return new VmoeConfig(vit, moe, qkNorm, temperature, headBias);
    }

    /** The same network, with other sizes in common with a dense one. */
    public VmoeConfig with(VitConfig vit) {
        return new VmoeConfig(vit, moe, qkNorm, temperature, headBias);
    }
}
