package dev.fovea.models.vit;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and choices of a Vision Transformer.
 *
 * @param image rows and columns of the pictures
 * @param patch rows and columns of a patch; after the stem, where there is one
 * @param width D
 * @param depth number of blocks
 * @param mlpDim F
 * @param numHeads attention heads; divides the width
 * @param positions how tokens know their place
 * @param pool how tokens become one vector a picture
 * @param repSize width of the tanh layer before the head, 0 for none
 * @param numClasses K, 0 for no head
 * @param normEps epsilon of the layer norms
 * @param gelu form of the MLP's nonlinearity
 * @param stem convolutions before the patches, or none
 */
public record VitConfig(
        Size image,
        Size patch,
        int width,
        int depth,
        int mlpDim,
        int numHeads,
        Positions positions,
        Pool pool,
        int repSize,
        int numClasses,
        double normEps,
        Gelu gelu,
        @Nullable ConvStemConfig stem) {

    /** How tokens know their place. */
    public enum Positions {
        /** A table that is learned. */
        LEARN,
        /** Sines and cosines of row and column (MoCo v3's form). */
        SINCOS2D,
        /** They do not. */
        NONE
    }

    /** How tokens become one vector a picture. */
    public enum Pool {
        /** Global average. */
        GAP,
        /** Multi-head attention by one learned probe (arXiv 2106.04560). */
        MAP,
        /** A class token put in front. */
        TOK,
        /** The first token, without one put in front. */
        FIRST,
        /** No pooling: one vector a token. */
        NONE
    }

    /** Form of the GELU. */
    public enum Gelu {
        TANH,
        ERF
    }

    public VitConfig {
        if (width % numHeads != 0) {
            throw new IllegalArgumentException("width %d is not a multiple of numHeads %d".formatted(width, numHeads));
        }
        if (depth < 0 || mlpDim < 1 || repSize < 0 || numClasses < 0) {
            throw new IllegalArgumentException("depth %d, mlpDim %d, repSize %d, numClasses %d: none may be negative"
                    .formatted(depth, mlpDim, repSize, numClasses));
        }
        if (positions == Positions.SINCOS2D && width % 4 != 0) {
            throw new IllegalArgumentException(
                    "width %d is not a multiple of 4, as sincos2d positions need".formatted(width));
        }
        int shrink = stem == null ? 1 : stem.stride();
        if (image.height() % (patch.height() * shrink) != 0 || image.width() % (patch.width() * shrink) != 0) {
            throw new IllegalArgumentException("image %s is not a multiple of patch %s%s"
                    .formatted(image, patch, stem == null ? "" : " times the stem's stride " + shrink));
        }
    }

    /** A published size by its name, such as {@code B/16}, {@code So400m/14} or {@code mu/16}: a letter size and a patch. */
    public static VitConfig of(String variant, int imageSize, Pool pool, int numClasses) {
        VitConfig c = ofVariant(variant);
        return new VitConfig(
                Size.of(imageSize),
                c.patch,
                c.width,
                c.depth,
                c.mlpDim,
                c.numHeads,
                Positions.LEARN,
                pool,
                0,
                numClasses,
                1e-6,
                Gelu.TANH,
                null);
    }

    /** The sizes of a published variant, for pictures of one patch, without a head. */
    public static VitConfig ofVariant(String variant) {
        int slash = variant.indexOf('/');
        if (slash < 1 || !variant.substring(slash + 1).matches("[1-9][0-9]?")) {
            throw new IllegalArgumentException(
                    "variant %s: wanted a size and a patch, such as B/16".formatted(variant));
        }
        Size patch = Size.of(Integer.parseInt(variant.substring(slash + 1)));
        Variant v = Variant.of(variant.substring(0, slash));
        return new VitConfig(
                patch,
                patch,
                v.width,
                v.depth,
                v.mlpDim,
                v.numHeads,
                Positions.LEARN,
                Pool.GAP,
                0,
                0,
                1e-6,
                Gelu.TANH,
                null);
    }

    /** Rows and columns of the grid of patches. */
    public Size grid() {
        int shrink = stem == null ? 1 : stem.stride();
        return new Size(image.height() / shrink / patch.height(), image.width() / shrink / patch.width());
    }

    /** Number of image tokens, without a class token. */
    public int numPatches() {
        return grid().height() * grid().width();
    }

    /** Width of what the head, or the caller, gets. */
    public int outputWidth() {
        return repSize > 0 ? repSize : width;
    }

    /** The same network for pictures of another size. */
    public VitConfig withImage(Size image) {
        return new VitConfig(
                image,
                patch,
                width,
                depth,
                mlpDim,
                numHeads,
                positions,
                pool,
                repSize,
                numClasses,
                normEps,
                gelu,
                stem);
    }

    /** The same network with a head of {@code numClasses}; 0 for none. */
    public VitConfig withClasses(int numClasses) {
        return new VitConfig(
                image,
                patch,
                width,
                depth,
                mlpDim,
                numHeads,
                positions,
                pool,
                repSize,
                numClasses,
                normEps,
                gelu,
                stem);
    }

    /** The published letter sizes (arXiv 2106.04560, table 2, and big_vision). */
    private enum Variant {
        MU(32, 1, 128, 2),
        TI(192, 12, 768, 3),
        S(384, 12, 1536, 6),
        M(512, 12, 2048, 8),
        B(768, 12, 3072, 12),
        L(1024, 24, 4096, 16),
        SO400M(1152, 27, 4304, 16),
        H(1280, 32, 5120, 16),
        G_SMALL(1408, 40, 6144, 16),
        G_OPT(1536, 40, 6144, 16),
        G(1664, 48, 8192, 16),
        E(1792, 56, 15360, 16);

        final int width;
        final int depth;
        final int mlpDim;
        final int numHeads;

        Variant(int width, int depth, int mlpDim, int numHeads) {
            this.width = width;
            this.depth = depth;
            this.mlpDim = mlpDim;
            this.numHeads = numHeads;
        }

        static Variant of(String name) {
            return switch (name) {
                case "g" -> G_SMALL;
                case "g-opt" -> G_OPT;
                case "G" -> G;
                case "mu", "Ti", "S", "M", "B", "L", "So400m", "H", "e" -> valueOf(name.toUpperCase(Locale.ROOT));
                default ->
                    throw new IllegalArgumentException(
                            "variant %s: no such size; there are mu, Ti, S, M, B, L, So400m, H, g, g-opt, G, e"
                                    .formatted(name));
            };
        }
    }
}
