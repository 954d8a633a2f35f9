package dev.fovea.tensor;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** The few operations that every transformer needs, named as the papers name them. */
public final class Ops {

    private Ops() {}

    /** {@code [B, N, D]} to {@code [B, H, N, D/H]}. */
    public static Tensor splitHeads(Tensor x, int numHeads) { // [B, N, D]
        return x.unflatten(2, numHeads, x.size(2) / numHeads).transpose(1, 2); // [B, H, N, D/H]
    }

    /** {@code [B, H, N, Dh]} to {@code [B, N, H·Dh]}. */
    public static Tensor mergeHeads(Tensor x) { // [B, H, N, Dh]
        return x.transpose(1, 2).flatten(2, 3); // [B, N, H·Dh]
    }

    /** softmax(q kᵀ / √Dh) v, every query seeing every key. */
    public static Tensor attend(Tensor q, Tensor k, Tensor v) { // [B, H, N, Dh], [B, H, S, Dh], [B, H, S, Dh]
        return torch.scaled_dot_product_attention(
                q, k, v, new TensorOptional(), 0, false, new DoubleOptional(), false); // [B, H, N, Dh]
    }
}
