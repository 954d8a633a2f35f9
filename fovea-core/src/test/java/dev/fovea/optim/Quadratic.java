package dev.fovea.optim;

import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** ½ Σ (x − 1)² over a matrix and a bias, which every optimizer must bring to 0. */
final class Quadratic implements AutoCloseable {

    final Params params = Params.fresh(3);
    private final List<Tensor> parts;

    Quadratic() {
        parts = List.of(
                params.get("layer.weight", Init.normal(1), 33, 34),
                params.get("layer.bias", Init.ZEROS, 34),
                params.get("scale", Init.ZEROS));
        params.trainable();
    }

    /** The loss, with its gradients in the parameters. */
    double backward() {
        try (var _ = new Scope()) {
            Tensor loss = parts.getFirst().sub(new Scalar(1.0)).square().sum();
            for (Tensor part : parts.subList(1, parts.size())) {
                loss = loss.add(part.sub(new Scalar(1.0)).square().sum());
            }
            loss.mul(new Scalar(0.5)).backward();
            return loss.item_double() / 2;
        }
    }

    /** The parameter of the given name. */
    Tensor at(String name) {
        return Objects.requireNonNull(params.table().get(name));
    }

    /** All parameters' values, one after the other. */
    List<float[]> values() {
        var values = new ArrayList<float[]>();
        try (var _ = new Scope()) {
            parts.forEach(x -> values.add(Tensors.toFloats(x)));
        }
        return values;
    }

    @Override
    public void close() {
        params.close();
    }
}
