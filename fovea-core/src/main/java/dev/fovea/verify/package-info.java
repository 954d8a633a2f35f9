/**
 * Fovea against recorded results of the reference implementations, number by number: discovers the cases below a folder,
 * runs each by its system and kind, and compares every recorded tensor within the case's own tolerance. The tests and
 * {@code fovea verify} run the same code. A tensor that was recorded and not compared fails its case.
 */
@NullMarked
package dev.fovea.verify;

import org.jspecify.annotations.NullMarked;
