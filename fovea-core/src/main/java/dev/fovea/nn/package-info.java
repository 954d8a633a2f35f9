/**
 * Layers that several networks share, and where their parameters come from ({@link dev.fovea.nn.Params}). A layer is a
 * record of parameters with a {@code forward}; it holds mathematics and nothing else.
 */
@NullMarked
package dev.fovea.nn;

import org.jspecify.annotations.NullMarked;
