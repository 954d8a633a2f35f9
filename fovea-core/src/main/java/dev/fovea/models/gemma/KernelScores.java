package dev.fovea.models.gemma;

import dev.fovea.kernel.Matrix;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Log-probabilities of given tokens, and whether each was the likeliest, from panels of the head: the logits of all tokens are never
 * in memory at once.
 */
final class KernelScores {

    private final Tensor targets; // int64 [T, 1]
    private final Tensor logSum; // [T], log Σ exp of the logits so far
    private final Tensor largest; // [T]
    private final Tensor found; // [T], the targets' logits
    private long vocabulary;

    private KernelScores(Tensor targets) {
        this.targets = targets;
        this.largest = torch.full(new long[] {targets.size(0)}, new Scalar(Double.NEGATIVE_INFINITY));
        this.logSum = largest.clone();
        this.found = torch.zeros_like(largest);
    }

    /**
     * Of the tokens that follow.
     *
     * @param x the stream after the final norm // [T, D]
     * @param targets one for each place of the stream
     * @param softcap c of c·tanh(logits / c), null for none
     */
    static void of(
            Tensor x,
            int[] targets,
            Matrix head,
            @Nullable Double softcap,
            Products products,
            double[] logprobs,
            boolean[] best,
            int at) {
        var scores = new KernelScores(Tensors.of(targets, targets.length, 1));
        products.panels(x, head, logits -> {
            try (var _ = new Scope()) {
                scores.add(
                        softcap == null
                                ? logits
                                : logits.div(new Scalar(softcap)).tanh().mul(new Scalar(softcap)));
            }
        });
        double[] p = Tensors.toDoubles(scores.found.sub(scores.logSum));
        float[] found = Tensors.toFloats(scores.found);
        float[] largest = Tensors.toFloats(scores.largest);
        for (int i = 0; i < targets.length; i++) {
            logprobs[at + i] = p[i];
            best[at + i] = found[i] >= largest[i];
        }
    }

    private void add(Tensor logits) { // [T, rows]
        long rows = logits.size(1);
        largest.copy_(torch.maximum(largest, logits.amax(new long[] {-1}, false)));
        logSum.copy_(torch.logaddexp(logSum, logits.logsumexp(-1)));
        Tensor place = targets.sub(new Scalar(vocabulary)); // [T, 1]
        Tensor isHere = place.ge(new Scalar(0L)).logical_and(place.lt(new Scalar(rows))); // [T, 1]
        Tensor here = logits.gather(
                1, place.clamp(new ScalarOptional(new Scalar(0L)), new ScalarOptional(new Scalar(rows - 1)))); // [T, 1]
        found.add_(here.masked_fill(isHere.logical_not(), new Scalar(0.0)).squeeze(1));
        vocabulary += rows;
    }
}
