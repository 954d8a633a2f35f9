/** Timings of Fovea against named peers, whole processes and whole steps. */
@NullMarked
package dev.fovea.bench;

import org.jspecify.annotations.NullMarked;
