package dev.fovea.models.vit;

import org.bytedeco.pytorch.Tensor;

/** Is shown intermediate results by the names that the references give them; keeps what it wants. */
public interface Probe {

    /** Sees nothing, so that intermediate results are freed as soon as they have been used. */
    Probe NONE = new Probe() {
        @Override
        public void see(String name, Tensor x) {}

        @Override
        public boolean watches() {
            return false;
        }

        @Override
        public Probe at(String prefix) {
            return this;
        }
    };

    void see(String name, Tensor x);

    /** Whether anything is kept, so that intermediate results must live on. */
    default boolean watches() {
        return true;
    }

    /** This probe for results whose names begin with {@code prefix}. */
    default Probe at(String prefix) {
        return (name, x) -> see(prefix + name, x);
    }
}
