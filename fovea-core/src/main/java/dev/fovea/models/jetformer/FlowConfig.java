package dev.fovea.models.jetformer;

import dev.fovea.config.Default;
import dev.fovea.models.jet.JetConfig;
import dev.fovea.models.jet.JetConfig.Kind;
import dev.fovea.models.jet.JetConfig.Net;
import dev.fovea.models.jet.Projection;
import dev.fovea.models.vit.Size;
import java.util.List;

/**
 * The Jet between patches and soft tokens; its values are those of {@link JetConfig}.
 *
 * @param patch tokens of so many rows and columns make one of the flow's
 */
public record FlowConfig(
        int depth,
        @Default("1") int blockDepth,
        @Default("256") int width,
        @Default("4") int numHeads,
        @Default("1") int patch,
        @Default("[channels]") List<Kind> kinds,
        @Default("[random]") List<Projection> channelProjections,
        @Default("[checkerboard, checkerboard_inv]") List<Projection> spatialProjections,
        @Default("2") double scaleFactor) {

    public FlowConfig {
        kinds = List.copyOf(kinds);
        channelProjections = List.copyOf(channelProjections);
        spatialProjections = List.copyOf(spatialProjections);
    }

    /** The flow of a grid of vectors. */
    JetConfig toJet(Size grid, int tokenWidth) {
        return new JetConfig(
                grid,
                tokenWidth,
                patch,
                depth,
                blockDepth,
                width,
                numHeads,
                kinds,
                channelProjections,
                spatialProjections,
                scaleFactor,
                0,
                Net.VIT);
    }
}
