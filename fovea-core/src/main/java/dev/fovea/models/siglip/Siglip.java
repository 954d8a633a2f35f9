package dev.fovea.models.siglip;

import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.Vit;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Both towers and the scale (as its logarithm) and bias of their agreement. */
public record Siglip(
        SiglipConfig config,
        Vit vision,
        TextTower text,
        Tensor scale,
        @Nullable Tensor bias) { // [1], [1]

    /** Keeps a vector of zeros from dividing by zero (big_vision). */
    private static final double EPS = 1e-8;

    public static Siglip of(Params p, SiglipConfig c) {
        return new Siglip(
                c,
                Vit.of(p.at("vision"), c.vision()),
                TextTower.of(p.at("text"), c.text()),
                p.get("scale", Init.constant(Math.log(10)), 1),
                c.bias() ? p.get("bias", Init.constant(-10), 1) : null);
    }

    /** Vectors of length one. */
    public Tensor embedImages(Tensor image) { // [B, H, W, 3]
        return normalize(vision.forward(image)); // [B, E]
    }

    /** Vectors of length one. */
    public Tensor embedTexts(Tensor ids) { // [B, T], int64
        return normalize(text.forward(ids, Probe.NONE)); // [B, E]
    }

    /** exp(t) · images textsᵀ + b. */
    public Tensor logits(Tensor images, Tensor texts) { // [B, E], [B', E], of length one
        Tensor s = images.matmul(texts.t()).mul(scale.exp());
        return bias == null ? s : s.add(bias); // [B, B']
    }

    public static Tensor normalize(Tensor x) { // [B, E]
        return x.div(
                x.norm(new ScalarOptional(new Scalar(2)), new long[] {-1}, true).add(new Scalar(EPS)));
    }
}
