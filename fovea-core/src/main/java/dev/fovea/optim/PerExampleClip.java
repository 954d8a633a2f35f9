package dev.fovea.optim;

import dev.fovea.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Clipping of each example's own gradient before the mean over the batch is taken (arXiv 1607.00133). */
public final class PerExampleClip {

    private PerExampleClip() {}

    /**
     * The mean over the examples of their gradients, each scaled down to {@code maxNorm} over all parameters together.
     *
     * @param gradients one tensor a parameter, examples on the first axis, {@code [B, ...]}
     */
    public static List<Tensor> mean(List<Tensor> gradients, double maxNorm) {
        long batch = gradients.getFirst().size(0);
        for (Tensor g : gradients) {
            if (g.dim() < 1 || g.size(0) != batch) {
                throw new IllegalArgumentException("a gradient of shape %s, wanted the %d examples on its first axis"
                        .formatted(Tensors.describe(g), batch));
            }
        }
        Tensor square = gradients.getFirst().new_zeros(new long[] {batch}); // [B]
        gradients.forEach(g -> square.add_(g.reshape(batch, -1).square().sum(1)));
        // An example whose gradients are all zero has 0 / 0, and keeps its zeros.
        Tensor factor = square.sqrt_().reciprocal_().mul_(new Scalar(maxNorm)).clamp_max_(new Scalar(1.0)); // [B]
        factor.nan_to_num_(new DoubleOptional(1.0), new DoubleOptional(), new DoubleOptional());
        return gradients.stream()
                .map(g -> factor.matmul(g.reshape(batch, -1))
                        .div_(new Scalar((double) batch))
                        .reshape(g.sizes().slice(1, g.dim() - 1)))
                .toList();
    }
}
