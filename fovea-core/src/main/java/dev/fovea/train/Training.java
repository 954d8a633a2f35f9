package dev.fovea.train;

import java.util.function.Consumer;

/** A run that a configuration describes, in its folder; every system that can be trained brings one. */
@FunctionalInterface
public interface Training {

    /**
     * Trains to the end, or from where an interrupted run in the same folder stood.
     *
     * @param started is given the trainer before its first step, to stop it from another thread
     */
    Outcome run(Progress progress, Consumer<Trainer> started);
}
