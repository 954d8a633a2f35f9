package dev.fovea.models.jetformer;

import dev.fovea.models.jet.Patches;
import dev.fovea.models.vit.Size;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Patches as their principal components: y = (x − mean) componentsᵀ, divided by the root of the variances where the
 * configuration whitens. Not trained.
 */
public record PatchPca(
        PcaConfig config, Size grid, Size patch, Tensor components, Tensor variance, Tensor mean) { // [m, C], [m], [C]

    private static final double FLOAT_EPS = Math.ulp(1f);

    private static final Init IDENTITY = (x, _) -> x.copy_(torch.eye(x.size(0), x.size(1)));

    /** Those of a checkpoint; fresh ones are the first values of a patch, until fitted ones are put in their place. */
    static PatchPca of(Params p, PcaConfig c, Size grid, Size patch, int patchWidth) {
        return new PatchPca(
                c,
                grid,
                patch,
                p.constant("components", IDENTITY, ScalarType.Float, c.components(), patchWidth),
                p.constant("explained_variance", Init.ONES, ScalarType.Float, c.components()),
                p.constant("mean", Init.ZEROS, ScalarType.Float, patchWidth));
    }

    /** Pictures, dequantised already, to tokens. */
    public Tensor encode(Tensor image) { // [B, H, W, c]
        Tensor x = Patches.cut(image, patch); // [B, N, C]
        Tensor y = x.matmul(components.t()).sub(mean.matmul(components.t())); // [B, N, m]
        if (config.whiten()) {
            y = y.div(variance.sqrt().clamp_min(new Scalar(FLOAT_EPS)));
        }
        int f = config.depthToSeq();
        return f == 1 ? y : y.unflatten(2, f, y.size(2) / f).transpose(1, 2).flatten(1, 2); // [B, f·N, m/f]
    }

    /** log variance of the noise that training adds, as the reference's autoencoders have it. */
    public double logVariance() {
        return config.noiseStd() == 0 ? 0 : 2 * Math.log(config.noiseStd());
    }

    /** Tokens with the noise that training adds. */
    public Tensor withNoise(Tensor y, Tensor normal) { // [B, f·N, m/f] each
        return config.noiseStd() == 0 ? y : y.add(normal.view_as(y).mul(new Scalar(config.noiseStd())));
    }

    /** Pictures of tokens, cut to [−1, 1]. */
    public Tensor decode(Tensor y) { // [B, f·N, m/f]
        int f = config.depthToSeq();
        Tensor x = f == 1 ? y : y.unflatten(1, f, y.size(1) / f).transpose(1, 2).flatten(2, 3); // [B, N, m]
        Tensor basis = config.whiten() ? variance.sqrt().unsqueeze(1).mul(components) : components; // [m, C]
        return Patches.join(x.matmul(basis).add(mean), grid, patch)
                .clamp_min(new Scalar(-1.0))
                .clamp_max(new Scalar(1.0));
    }
}
