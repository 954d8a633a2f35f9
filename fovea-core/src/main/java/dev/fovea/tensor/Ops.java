package dev.fovea.tensor;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The few operations that every transformer needs, named as the papers name them. */
public final class Ops {

    /** Below so many keys attention in plain products trains faster on a CPU than fused; with more, kept scores weigh much. */
    private static final int SHORT = 500;

    /** From so many keys on fused attention in bfloat16, which multiplies in float32 inside, is slower than products of blocks. */
    private static final int LONG = 2048;

    /** Scores of a block: what stays in the processor's cache between its two products. */
    private static final long BLOCK_SCORES = 1 << 23;

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
     * Whether a backward pass over few keys follows: that of fused attention in bfloat16 makes a small product of oneDNN for each
     * head, which costs more to set up than to compute (49 keys of 16 values: nine times the whole in float32).
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
     * softmax(q kᵀ / √Dh) v, every query seeing every key; many queries in slow bfloat16 as {@link #linear} does it. Where bfloat16
     * is fast on a CPU and no backward pass follows, many keys are seen in products of blocks, whose scores are rounded to bfloat16. Under
     * autocast on a CPU, where a backward pass over few keys follows, all heads are multiplied at once and scores are rounded to
     * bfloat16; where bfloat16 is slow, few keys are attended to in float32 then.
     */
    public static Tensor attend(Tensor q, Tensor k, Tensor v) { // [B, H, N, Dh], [B, H, S, Dh], [B, H, S, Dh]
        if (isShortTraining(q, k)) {
            return attendShort(q, k, v, null, 1 / Math.sqrt((double) q.size(3)));
        }
        if (isSlow(q, k) && q.size(2) >= WIDENED_ROWS) {
            return attend(q.to(ScalarType.Float), k.to(ScalarType.Float), v.to(ScalarType.Float))
                    .to(ScalarType.BFloat16); // [B, H, N, Dh]
        }
        if (isLongInference(q, k)) {
            return attendLong(q, k, v);
        }
        return torch.scaled_dot_product_attention(
                q, k, v, new TensorOptional(), 0, false, new DoubleOptional(), false); // [B, H, N, Dh]
    }

    private static boolean isLongInference(Tensor q, Tensor k) {
        return !(GradMode.is_enabled() && q.requires_grad())
                && !q.is_cuda()
                && k.size(2) >= LONG
                && q.scalar_type().intern() == ScalarType.BFloat16
                && Engine.hasFastBf16();
    }

    /** A block of queries after the other, scores and their softmax in memory that is used again: fresh memory costs as much as the products. */
    private static Tensor attendLong(Tensor q, Tensor k, Tensor v) { // [B, H, N, Dh], [B, H, S, Dh], [B, H, S, Dh]
        Tensor y = torch.empty(q.sizes(), q.options(), new MemoryFormatOptional()); // [B, H, N, Dh]
        try (var _ = new Scope()) {
            Tensor queries = q.flatten(0, 1).contiguous(); // [B·H, N, Dh]
            Tensor keys = k.flatten(0, 1).contiguous().transpose(1, 2); // [B·H, Dh, S]
            Tensor values = v.flatten(0, 1).contiguous(); // [B·H, S, Dh]
            Tensor into = y.view(queries.sizes());
            long heads = queries.size(0);
            long most = Math.clamp(BLOCK_SCORES / (heads * k.size(2)), 1, q.size(2));
            Tensor scores = torch.empty(new long[] {heads * most * k.size(2)}, q.options(), new MemoryFormatOptional());
            Tensor weights = torch.empty_like(scores);
            var scale = new Scalar(1 / Math.sqrt((double) q.size(3)));
            for (long at = 0; at < q.size(2); at += most) {
                try (var _ = new Scope()) {
                    long count = Math.min(most, q.size(2) - at);
                    long[] shape = {heads, count, k.size(2)};
                    long size = heads * count * k.size(2);
                    Tensor s = scores.narrow(0, 0, size).view(shape); // [B·H, n, S]
                    Tensor p = weights.narrow(0, 0, size).view(shape); // [B·H, n, S]
                    torch.baddbmm_out(s, s, queries.narrow(1, at, count), keys, new Scalar(0), scale);
                    torch.softmax_out(p, s, -1);
                    into.narrow(1, at, count).copy_(p.bmm(values));
                }
            }
        }
        return y;
    }

    /**
     * softmax(q kᵀ · scale) v over the keys that the mask allows. K may be a part of H: query head h reads key head
     * ⌊h / (H/K)⌋ (arXiv 2305.13245). Few keys are treated as in {@link #attend(Tensor, Tensor, Tensor)}.
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
        Tensor seen = isShortTraining(q, k)
                ? attendShort(grouped, k, v, allowed, scale)
                : fused(grouped, k, v, allowed, scale); // [B, K, H/K·T, Dh]
        return seen.unflatten(2, groups, q.size(2)).flatten(1, 2); // [B, H, T, Dh]
    }

    private static Tensor fused(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double scale) {
        var allowed = mask == null ? new TensorOptional() : new TensorOptional(mask);
        return torch.scaled_dot_product_attention(q, k, v, allowed, 0, false, new DoubleOptional(scale), false);
    }

    /** Under autocast: in products of bfloat16 where they are fast, else fused in float32. */
    private static Tensor attendShort( // [B, H, T, Dh], [B, H, S, Dh], [B, H, S, Dh], [1 or B, 1, T, S]
            Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double scale) {
        if (!Engine.hasFastBf16()) {
            try (var _ = Autocast.off()) {
                return fused(q.to(ScalarType.Float), k.to(ScalarType.Float), v.to(ScalarType.Float), mask, scale);
            }
        }
        Tensor scores = torch.matmul(q.mul(new Scalar(scale)), k.transpose(2, 3)); // [B, H, T, S]
        if (mask != null) {
            scores = scores.masked_fill(mask.logical_not(), new Scalar(Double.NEGATIVE_INFINITY));
        }
        return torch.matmul(scores.softmax(-1), v); // [B, H, T, Dh]
    }
}
