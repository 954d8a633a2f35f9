package dev.fovea.models.gemma;

import dev.fovea.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * softmax(q kᵀ) v over one block of keys after another, so that neither the scores nor the keys need be in memory at once: sums are
 * kept relative to the largest score so far (arXiv 2205.14135, section 3.1). K may be a part of H.
 */
final class BlockAttention {

    private final Tensor queries; // [K, H/K·T, Dh]
    private final Tensor largest; // [K, H/K·T, 1]
    private final Tensor total; // [K, H/K·T, 1]
    private final Tensor sum; // [K, H/K·T, Dh]
    private final long group;

    /** Of scaled queries {@code [H, T, Dh]}. */
    BlockAttention(Tensor q, int numKvHeads) {
        this.group = q.size(0) / numKvHeads;
        this.queries = q.reshape(numKvHeads, group * q.size(1), q.size(2));
        this.largest = torch.full_like(queries.narrow(2, 0, 1), new Scalar(Double.NEGATIVE_INFINITY));
        this.total = torch.zeros_like(largest);
        this.sum = torch.zeros_like(queries);
    }

    /**
     * Adds keys and values.
     *
     * @param mask bool {@code [1, 1, T, S]}, true where a query may see a key; null where all see all. In the first block every
     *     query must see one
     */
    void add(Tensor k, Tensor v, @Nullable Tensor mask) { // [K, S, Dh] each
        try (var _ = new Scope()) {
            Tensor scores = queries.bmm(k.transpose(1, 2)); // [K, H/K·T, S]
            if (mask != null) {
                scores.view(scores.size(0), group, mask.size(2), scores.size(2))
                        .masked_fill_(mask.logical_not(), new Scalar(Double.NEGATIVE_INFINITY));
            }
            Tensor larger = torch.maximum(largest, scores.amax(new long[] {-1}, true)); // [K, H/K·T, 1]
            Tensor shrunk = largest.sub(larger).exp(); // [K, H/K·T, 1]
            scores.sub_(larger).exp_();
            total.mul_(shrunk).add_(scores.sum(new long[] {-1}, true, new ScalarTypeOptional()));
            sum.mul_(shrunk).add_(scores.bmm(v));
            largest.copy_(larger);
        }
    }

    Tensor result() {
        return sum.div(total).view(-1, queries.size(1) / group, queries.size(2)); // [H, T, Dh]
    }
}
