package dev.fovea.train;

/** What is minimised: model, batch and loss meet here, and only here. A system brings one. */
@FunctionalInterface
public interface Objective<B> {

    /**
     * The loss of one batch, on the graph of the parameters when {@code train}.
     *
     * @param train whether dropout and other noise is on; noise comes from the engine's generator, which the trainer
     *     seeds by step
     */
    Loss loss(B batch, boolean train);
}
