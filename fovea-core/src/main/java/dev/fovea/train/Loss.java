package dev.fovea.train;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What a batch costs.
 *
 * @param value the scalar to minimise, the mean over the batch // []
 * @param terms scalars to log beside it, by name, in a fixed order; they need no gradient // [] each
 */
public record Loss(Tensor value, Map<String, Tensor> terms) {

    public static Loss of(Tensor value) {
        return new Loss(value, Map.of());
    }
}
