package dev.fovea.optim;

/** A loss or gradient that is not finite: the run cannot go on, and its last checkpoint is from before. */
public final class DivergedException extends IllegalStateException {

    public DivergedException(String message) {
        super(message);
    }
}
