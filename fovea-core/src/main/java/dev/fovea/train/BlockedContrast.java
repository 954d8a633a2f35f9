package dev.fovea.train;

import dev.fovea.tensor.Scope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The sigmoid contrast's mean over a large batch, a block of texts at a time (arXiv 2303.15343, section 3.3): never more
 * than {@code B × block} logits in memory, where autograd over the whole keeps several {@code B × B}. The gradients are
 * the closed form, dL/ds = −y σ(−y s) / B, computed with the loss.
 */
final class BlockedContrast {

    private final Tensor zimg; // [B, D]
    private final Tensor ztxt; // [B, D]
    private final Tensor t;
    private final Tensor b;
    private final Tensor value;
    private final Tensor dimg; // [B, D]
    private final Tensor dtxt; // [B, D]
    private final Tensor dt;
    private final Tensor db;

    private BlockedContrast(Tensor zimg, Tensor ztxt, Tensor t, Tensor b) {
        this.zimg = zimg.detach();
        this.ztxt = ztxt.detach();
        this.t = t.detach();
        this.b = b.detach();
        value = zimg.new_zeros(new long[0]);
        dimg = torch.zeros_like(this.zimg);
        dtxt = torch.zeros_like(this.ztxt);
        dt = torch.zeros_like(this.t);
        db = torch.zeros_like(this.b);
    }

    /** The mean loss, with its gradients; equal to the mean of {@link Losses#sigmoidContrast}. */
    static Tensor mean(Tensor zimg, Tensor ztxt, Tensor t, Tensor b, long block) { // [B, D], [B, D], [], []
        if (block < 1) {
            throw new IllegalArgumentException("block: found %d, wanted at least 1 text".formatted(block));
        }
        BlockedContrast sum;
        try (var _ = new AutoGradMode(false)) {
            sum = new BlockedContrast(zimg, ztxt, t, b);
            for (long first = 0; first < ztxt.size(0); first += block) {
                sum.add(first, Math.min(block, ztxt.size(0) - first));
            }
        }
        return sum.attached(zimg, ztxt, t, b);
    }

    private void add(long first, long size) {
        try (var _ = new Scope()) {
            Tensor texts = ztxt.narrow(0, first, size); // [S, D]
            Tensor similarity = zimg.matmul(texts.t()); // [B, S]
            Tensor likelihood = similarity.mul(t).add_(b).neg_(); // [B, S], y s
            likelihood.diagonal(-first, 0, 1).neg_();
            value.sub_(torch.log_sigmoid(likelihood).sum().div_(size()));
            Tensor slope = likelihood.neg_().sigmoid_().div_(size()); // [B, S], dL/ds
            slope.diagonal(-first, 0, 1).neg_();
            dimg.add_(slope.matmul(texts).mul_(t));
            dtxt.narrow(0, first, size).copy_(slope.t().matmul(zimg).mul_(t));
            dt.add_(slope.mul(similarity).sum());
            db.add_(slope.sum());
        }
    }

    private Scalar size() {
        return new Scalar((double) zimg.size(0));
    }

    /** The value, as a function whose gradient is the closed form. */
    private Tensor attached(Tensor zimg, Tensor ztxt, Tensor t, Tensor b) {
        Tensor linear = zimg.mul(dimg)
                .sum()
                .add(ztxt.mul(dtxt).sum())
                .add(t.mul(dt).sum())
                .add(b.mul(db).sum());
        return linear.sub(linear.detach()).add(value);
    }
}
