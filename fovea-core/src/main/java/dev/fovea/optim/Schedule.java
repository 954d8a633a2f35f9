package dev.fovea.optim;

/** The learning rate, or a factor of it, by step. The first update is step 0. */
@FunctionalInterface
public interface Schedule {

    double at(long step);

    /** The same rate at every step. */
    static Schedule constant(double rate) {
        return _ -> rate;
    }
}
