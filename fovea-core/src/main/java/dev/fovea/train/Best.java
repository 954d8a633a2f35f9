package dev.fovea.train;

/**
 * The best evaluation so far.
 *
 * @param metric evaluator and metric, such as {@code val/accuracy}
 * @param step updates done when it was reached
 */
public record Best(String metric, double value, long step) {}
