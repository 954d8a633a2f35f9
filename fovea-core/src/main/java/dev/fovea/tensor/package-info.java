/**
 * The tensor engine as Fovea uses it: loading libtorch ({@link dev.fovea.tensor.Engine}), the life of native memory
 * ({@link dev.fovea.tensor.Scope}), arrays in and out ({@link dev.fovea.tensor.Tensors}) and the few operations that
 * every network needs ({@link dev.fovea.tensor.Ops}). What there is to know of native memory is known here.
 */
@NullMarked
package dev.fovea.tensor;

import org.jspecify.annotations.NullMarked;
