package dev.fovea.tensor;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The few operations that every transformer needs, named as the papers name them. */
public final class Ops {

    /** From so many keys on attention and its backward pass are faster in bfloat16, on a CPU that multiplies it (196 are not, 577 are). */
    private static final int SHORT = 400;

    /** From so many rows on, widening bfloat16 weights costs less than multiplying them without instructions for it. */
    private static final long WIDENED_ROWS = 4;

    /** So many weights are widened at a time: what they become stays in the processor's cache until it is multiplied. */
    private static final long WIDENED_AT_ONCE = 1 << 20;

    private Ops() {}

    /** x Wᵀ, see {@link #linear(Tensor, Tensor, Tensor)}. */
    public static Tensor linear(Tensor x, Tensor weight) { // [..., in], [out, in]
        return linear(x, weight, null);
    }

    /**
     * x Wᵀ + b. bfloat16 on a processor that multiplies it slowly is widened to float32 and the result rounded once, which is what
     * its own product stands for, several times faster.
     */
    public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) { // [..., in], [out, in], [out]
        if (!isSlow(x, weight) || x.numel() < WIDENED_ROWS * weight.size(1)) {
            return bias == null ? torch.linear(x, weight) : torch.linear(x, weight, bias);
        }
        Tensor wide = x.to(ScalarType.Float);
        Tensor y = GradMode.is_enabled() ? torch.linear(wide, weight.to(ScalarType.Float)) : widened(wide, weight);
        return (bias == null ? y : y.add(bias)).to(ScalarType.BFloat16); // [..., out]
    }

    private static boolean isSlow(Tensor x, Tensor y) {
        return x.scalar_type().intern() == ScalarType.BFloat16
                && y.scalar_type().intern() == ScalarType.BFloat16
                && !x.is_cuda()
                && !Engine.hasFastBf16();
    }

    /** The product with some rows of the weights after others, widened into the same memory. */
    private static Tensor widened(Tensor x, Tensor weight) { // [..., in], [out, in]
        long[] shape = Tensors.shape(x);
        long out = weight.size(0);
        long step = Math.min(out, Math.max(1, WIDENED_AT_ONCE / weight.size(1)));
        shape[shape.length - 1] = out;
        Tensor y = torch.empty(shape, x.options(), new MemoryFormatOptional()); // [..., out]
        Tensor buffer = torch.empty(new long[] {step, weight.size(1)}, x.options(), new MemoryFormatOptional());
        for (long at = 0; at < out; at += step) {
            try (var _ = new Scope()) {
                long rows = Math.min(step, out - at);
                Tensor some = buffer.narrow(0, 0, rows).copy_(weight.narrow(0, at, rows)); // [rows, in]
                y.narrow(-1, at, rows).copy_(torch.linear(x, some));
            }
        }
        return y;
    }

    /**
     * Whether attention is faster in float32: its backward pass in bfloat16 makes a small product of oneDNN for each head, which
     * costs more to set up than to compute (49 keys of 16 values: nine times the whole in float32).
     */
    private static boolean isShortTraining(Tensor q, Tensor k) {
        return GradMode.is_enabled() && q.requires_grad() && !q.is_cuda() && k.size(2) < SHORT && Autocast.isOn();
    }

    /** {@code [B, N, D]} to {@code [B, H, N, D/H]}. */
    public static Tensor splitHeads(Tensor x, int numHeads) { // [B, N, D]
        return x.unflatten(2, numHeads, x.size(2) / numHeads).transpose(1, 2); // [B, H, N, D/H]
    }

    /** {@code [B, H, N, Dh]} to {@code [B, N, H·Dh]}. */
    public static Tensor mergeHeads(Tensor x) { // [B, H, N, Dh]
        return x.transpose(1, 2).flatten(2, 3); // [B, N, H·Dh]
    }

    /**
     * softmax(q kᵀ / √Dh) v, every query seeing every key; many queries in slow bfloat16 as {@link #linear} does it. On a CPU
     * few keys are attended to in float32 where a backward pass follows, also under autocast.
     */
    public static Tensor attend(Tensor q, Tensor k, Tensor v) { // [B, H, N, Dh], [B, H, S, Dh], [B, H, S, Dh]
        if (isShortTraining(q, k)) {
            try (var _ = Autocast.off()) {
                return attend(q.to(ScalarType.Float), k.to(ScalarType.Float), v.to(ScalarType.Float));
            }
        }
        if (isSlow(q, k) && q.size(2) >= WIDENED_ROWS) {
            return attend(q.to(ScalarType.Float), k.to(ScalarType.Float), v.to(ScalarType.Float))
                    .to(ScalarType.BFloat16); // [B, H, N, Dh]
        }
        return torch.scaled_dot_product_attention(
                q, k, v, new TensorOptional(), 0, false, new DoubleOptional(), false); // [B, H, N, Dh]
    }

    /**
     * softmax(q kᵀ · scale) v over the keys that the mask allows. K may be a part of H: query head h reads key head
     * ⌊h / (H/K)⌋ (arXiv 2305.13245). In float32 where {@link #attend(Tensor, Tensor, Tensor)} is.
     *
     * @param mask bool, true where a query may see a key; every query must see at least one. Null where all see all
     */
    public static Tensor attend( // [B, H, T, Dh], [B, K, S, Dh], [B, K, S, Dh], [1 or B, 1, T, S]
            Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double scale) {
        if (isShortTraining(q, k)) {
            try (var _ = Autocast.off()) {
                return attend(q.to(ScalarType.Float), k.to(ScalarType.Float), v.to(ScalarType.Float), mask, scale);
            }
        }
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
