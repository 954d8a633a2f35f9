package dev.fovea.verify;

/** Computes what a case of one system and kind recorded, and hands it to the case's {@code compare}. */
@FunctionalInterface
public interface Check {

    /** Runs the case; whatever it throws fails the case. */
    void run(Case c) throws Exception;
}
