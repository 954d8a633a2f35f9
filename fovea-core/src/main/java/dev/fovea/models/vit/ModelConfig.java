package dev.fovea.models.vit;

import dev.fovea.config.Default;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import org.jspecify.annotations.Nullable;

/**
 * The {@code model} section: a published size by name, or sizes of one's own.
 *
 * @param variant a published size, such as {@code S/16}; its patch, width, depth, mlpDim and numHeads hold unless given
 * @param imageSize side of the pictures in pixels
 * @param patchSize side of a patch, after the stem where there is one
 * @param positions how tokens know their place
 * @param pool how tokens become one vector a picture
 * @param repSize width of a tanh layer before the head, 0 for none
 * @param stem convolutions before the patches
 */
public record ModelConfig(
        @Nullable String variant,
        int imageSize,
        @Nullable Integer patchSize,
        @Nullable Integer width,
        @Nullable Integer depth,
        @Nullable Integer mlpDim,
        @Nullable Integer numHeads,
        @Default("learn") Positions positions,
        @Default("gap") Pool pool,
        @Default("0") int repSize,
        @Nullable ConvStemConfig stem) {

    /** The network for so many classes. */
    public VitConfig toVit(int numClasses) {
        VitConfig base = variant == null ? null : VitConfig.ofVariant(variant);
        return new VitConfig(
                Size.of(imageSize),
                Size.of(choose(
                        "patchSize",
                        patchSize,
                        base == null ? null : base.patch().height())),
                choose("width", width, base == null ? null : base.width()),
                choose("depth", depth, base == null ? null : base.depth()),
                choose("mlpDim", mlpDim, base == null ? null : base.mlpDim()),
                choose("numHeads", numHeads, base == null ? null : base.numHeads()),
                positions,
                pool,
                repSize,
                numClasses,
                1e-6,
                Gelu.TANH,
                stem);
    }

    private static int choose(String key, @Nullable Integer own, @Nullable Integer published) {
        Integer value = own != null ? own : published;
        if (value == null) {
            throw new IllegalArgumentException(
                    "model.%s: missing; give it, or a variant such as S/16 that has it".formatted(key));
        }
        return value;
    }
}
