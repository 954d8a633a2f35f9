package dev.fovea.train;

/** A loss that is not finite: the run cannot go on, and its last checkpoint is from before. */
public final class DivergedException extends IllegalStateException {

    DivergedException(String message) {
        super(message);
    }
}
