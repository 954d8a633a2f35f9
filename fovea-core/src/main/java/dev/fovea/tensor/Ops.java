package dev.fovea.tensor;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The few operations that every transformer needs, named as the papers name them. */
public final class Ops {

    /** From so many rows on, widening bfloat16 weights costs less than multiplying them without instructions for it. */
    private static final long WIDENED_ROWS = 16;

    private Ops() {}

    /**
     * x Wᵀ. bfloat16 on a processor that multiplies it slowly is widened to float32 and the result rounded once, which is what
     * its own product stands for, several times faster.
     */
    public static Tensor linear(Tensor x, Tensor weight) { // [..., in], [out, in]
        boolean slow = weight.scalar_type().intern() == ScalarType.BFloat16
                && x.scalar_type().intern() == ScalarType.BFloat16
                && !weight.is_cuda()
                && !Engine.hasFastBf16()
                && x.numel() >= WIDENED_ROWS * weight.size(1);
        return slow
                ? torch.linear(x.to(ScalarType.Float), weight.to(ScalarType.Float))
                        .to(ScalarType.BFloat16) // [..., out]
                : torch.linear(x, weight); // [..., out]
    }

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

    /**
     * softmax(q kᵀ · scale) v over the keys that the mask allows. K may be a part of H: query head h reads key head
     * ⌊h / (H/K)⌋ (arXiv 2305.13245).
     *
     * @param mask bool, true where a query may see a key; every query must see at least one. Null where all see all
     */
    public static Tensor attend( // [B, H, T, Dh], [B, K, S, Dh], [B, K, S, Dh], [1 or B, 1, T, S]
            Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double scale) {
        long groups = q.size(1) / k.size(1);
        Tensor grouped = q.unflatten(1, k.size(1), groups).flatten(2, 3); // [B, K, H/K·T, Dh]
        Tensor allowed = mask == null || groups == 1
                ? mask
                : mask.expand(mask.size(0), groups, mask.size(2), mask.size(3))
                        .reshape(mask.size(0), 1, groups * mask.size(2), mask.size(3)); // [1 or B, 1, H/K·T, S]
        return torch.scaled_dot_product_attention(
                        grouped,
                        k,
                        v,
                        allowed == null ? new TensorOptional() : new TensorOptional(allowed),
                        0,
                        false,
                        new DoubleOptional(scale),
                        false)
                .unflatten(2, groups, q.size(2))
                .flatten(1, 2); // [B, H, T, Dh]
    }
}
