package dev.fovea.optim;

/**
 * What an update was made with.
 *
 * @param gradNorm length of all gradients of parameters that are not frozen, before clipping
 * @param rate base rate times the first schedule in use
 */
public record StepInfo(double gradNorm, double rate) {}
