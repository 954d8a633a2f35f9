package dev.fovea.models.gemma;

import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.Vit;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import dev.fovea.nn.RmsNorm;
import dev.fovea.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Pictures to soft tokens: SigLIP's tokens, averaged in squares, normed, and projected to the width of the text. */
public record VisionEmbedder(VisionConfig config, Vit tower, RmsNorm norm, Tensor projection) { // [Dv, D]

    public static VisionEmbedder of(Params vision, Params projector, VisionConfig c, int textWidth) {
        return new VisionEmbedder(
                c,
                Vit.of(vision, c.vit()),
                RmsNorm.of(projector.at("norm"), c.vit().width(), c.vit().normEps()),
                projector.get("weight", Init.normal(0.02), c.vit().width(), textWidth));
    }

    public Tensor forward(Tensor image, Probe probe) { // [N, Hi, Wi, 3] in [-1, 1]
        Tensor x = tower.forward(image.to(projection.scalar_type()), probe).encoded(); // [N, h·w, Dv]
        probe.see("vision_last", x);
        Tensor soft = norm.forward(pool(x)).matmul(projection); // [N, tokens, D]
        probe.see("image_features", soft);
        return soft;
    }

    /** The same, one picture at a time: each is thousands of tokens in the tower. */
    Tensor each(Tensor images) { // [N, Hi, Wi, 3]
        var features = new TensorVector();
        for (long i = 0; i < images.size(0); i++) {
            features.push_back(Scope.scoped(images.narrow(0, i, 1), image -> forward(image, Probe.NONE)));
        }
        return torch.cat(features, 0); // [N, tokens, D]
    }

    /** The mean of each square of the grid, row by row. */
    private Tensor pool(Tensor x) { // [N, h·w, Dv]
        long side = config.side();
        long rows = config.vit().grid().height() / side;
        long columns = config.vit().grid().width() / side;
        return x.view(x.size(0), side, rows, side, columns, x.size(2))
                .mean(2, 4)
                .flatten(1, 2); // [N, side², Dv]
    }
}
