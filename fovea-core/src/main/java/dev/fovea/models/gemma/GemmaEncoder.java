package dev.fovea.models.gemma;

import dev.fovea.models.vit.Probe;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** Texts to vectors: the mean of a row's stream over its tokens. */
public final class GemmaEncoder {

    private GemmaEncoder() {}

    /** Means over the tokens, without the padding. */
    public static Tensor meanPooled(Gemma model, GemmaInput in, Probe probe) {
        Tensor x = model.hidden(in, probe); // [B, T, D]
        if (in.mask() == null) {
            return x.mean(1); // [B, D]
        }
        Tensor weights = in.mask().to(x.scalar_type()).unsqueeze(-1); // [B, T, 1]
        return x.mul(weights).sum(1).div(weights.sum(1)); // [B, D]
    }

    /** The same direction at length one. */
    public static Tensor unit(Tensor x) { // [B, D]
        return x.div(x.norm(new ScalarOptional(new Scalar(2)), new long[] {-1}, true));
    }
}
