package dev.fovea.models.jet;

import dev.fovea.config.Default;
import dev.fovea.models.vit.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sizes and choices of a Jet.
 *
 * @param image rows and columns of the pictures
 * @param channels values a pixel
 * @param patch P, side of a patch
 * @param depth number of couplings
 * @param blockDepth blocks of each coupling's network
 * @param width D, width of each coupling's network
 * @param numHeads attention heads of it
 * @param kinds along what the couplings split, cycled
 * @param channelProjections how couplings of the first kind choose their halves, cycled over them
 * @param spatialProjections likewise of the second kind
 * @param scaleFactor m, above every scale
 * @param contextWidth width of the vectors that pictures are conditioned on, 0 for none
 * @param net what computes bias and scale
 */
public record JetConfig(
        Size image,
        @Default("3") int channels,
        int patch,
        int depth,
        @Default("1") int blockDepth,
        @Default("256") int width,
        @Default("4") int numHeads,

        @Default("[channels, channels, channels, channels, spatial]")
        List<Kind> kinds,

        @Default("[random]") List<Projection> channelProjections,

        @Default("[checkerboard, checkerboard_inv, vstripes, vstripes_inv, hstripes, hstripes_inv]")
        List<Projection> spatialProjections,

        @Default("2") double scaleFactor,
        @Default("0") int contextWidth,
        @Default("vit") Net net) {

    /** Along what a coupling splits. */
    public enum Kind {
        /** Half of each token's values. */
        CHANNELS,
        /** Half of the tokens. */
        SPATIAL
    }

    /** What computes a coupling's bias and scale. */
    public enum Net {
        /** Transformer blocks over the tokens. */
        VIT,
        /** Residual 3×3 convolutions over the token grid, the paper's point of comparison. */
        CNN
    }

    public JetConfig {
        kinds = List.copyOf(kinds);
        channelProjections = List.copyOf(channelProjections);
        spatialProjections = List.copyOf(spatialProjections);
        if (patch < 1 || image.height() % patch != 0 || image.width() % patch != 0) {
            throw new IllegalArgumentException("image %s is not a multiple of patch %d".formatted(image, patch));
        }
        if (channels * patch * patch % 2 != 0) {
            throw new IllegalArgumentException(
                    "a patch of %d x %d x %d values does not split into halves".formatted(patch, patch, channels));
        }
        require("depth", depth, 1);
        require("blockDepth", blockDepth, 0);
        require("contextWidth", contextWidth, 0);
        if (net == Net.VIT && (numHeads < 1 || width % numHeads != 0)) {
            throw new IllegalArgumentException("width %d is not a multiple of numHeads %d".formatted(width, numHeads));
        }
        if (net == Net.CNN && contextWidth > 0) {
            throw new IllegalArgumentException("contextWidth %d: convolutions take no context".formatted(contextWidth));
        }
        if (!(scaleFactor > 0)) {
            throw new IllegalArgumentException("scaleFactor: found %s, wanted more than 0".formatted(scaleFactor));
        }
        if (kinds.isEmpty()) {
            throw new IllegalArgumentException("kinds: found none, wanted channels or spatial");
        }
        for (Kind kind : kinds) {
            List<Projection> its = kind == Kind.CHANNELS ? channelProjections : spatialProjections;
            if (its.isEmpty() || its.stream().anyMatch(p -> p.kind() != kind)) {
                throw new IllegalArgumentException("%s couplings: found projections %s, wanted some of %s"
                        .formatted(kind.name().toLowerCase(Locale.ROOT), its, Projection.of(kind)));
            }
        }
    }

    /** The published model for ImageNet at 64×64, 207 million parameters: 3.72 bits a dimension. */
    public static JetConfig imageNet64() {
        return published(32, 2);
    }

    /** The published larger model, 1,020 million parameters: 3.66 bits a dimension. */
    public static JetConfig imageNet64Large() {
        return published(64, 5);
    }

    private static JetConfig published(int depth, int blockDepth) {
        return new JetConfig(
                Size.of(64),
                3,
                4,
                depth,
                blockDepth,
                512,
                8,
                List.of(Kind.CHANNELS, Kind.CHANNELS, Kind.CHANNELS, Kind.CHANNELS, Kind.SPATIAL),
                List.of(Projection.RANDOM),
                Projection.of(Kind.SPATIAL),
                2,
                0,
                Net.VIT);
    }

    /** Rows and columns of the token grid. */
    public Size grid() {
        return new Size(image.height() / patch, image.width() / patch);
    }

    /** N, number of tokens. */
    public int numTokens() {
        return grid().height() * grid().width();
    }

    /** C, values a token. */
    public int tokenWidth() {
        return channels * patch * patch;
    }

    /** How each coupling chooses its halves, in order. */
    public List<Projection> projections() {
        var all = new ArrayList<Projection>();
        int channel = 0;
        int spatial = 0;
        for (int i = 0; i < depth; i++) {
            all.add(
                    kinds.get(i % kinds.size()) == Kind.CHANNELS
                            ? channelProjections.get(channel++ % channelProjections.size())
                            : spatialProjections.get(spatial++ % spatialProjections.size()));
        }
        return all;
    }

    private static void require(String name, int found, int least) {
        if (found < least) {
            throw new IllegalArgumentException("%s: found %d, wanted at least %d".formatted(name, found, least));
        }
    }
}
