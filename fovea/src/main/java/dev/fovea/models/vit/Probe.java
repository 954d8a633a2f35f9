package dev.fovea.models.vit;

import org.bytedeco.pytorch.Tensor;

/** Is shown intermediate results by the names that the references give them; keeps what it wants. */
@FunctionalInterface
public interface Probe {

    /** Sees nothing. */
    Probe NONE = (_, _) -> {};

    void see(String name, Tensor x);

    /** This probe for results whose names begin with {@code prefix}. */
    default Probe at(String prefix) {
        return this == NONE ? NONE : (name, x) -> see(prefix + name, x);
    }
}
