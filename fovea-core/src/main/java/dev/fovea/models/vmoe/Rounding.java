package dev.fovea.models.vmoe;

/** How a fraction of a slot becomes whole. */
public enum Rounding {
    /** Up. */
    CEIL,
    /** To the nearest, halves to even. */
    ROUND
}
