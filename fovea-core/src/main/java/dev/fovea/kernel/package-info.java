/**
 * Quantised weights, and products of a matrix with one or a few vectors, which is what decoding a token consists of. Such a
 * product reads every weight once, so the limit is the memory's bandwidth.
 *
 * <p>{@link dev.fovea.kernel.PerChannel}, {@link dev.fovea.kernel.BlockQ4} and {@link dev.fovea.kernel.Sfp8} say what a
 * quantised weight stands for. {@link dev.fovea.kernel.Bf16Matrix}, {@link dev.fovea.kernel.Int8Matrix} and
 * {@link dev.fovea.kernel.Int4Matrix} hold weights in native memory, the last two packed so that a lane of a vector register
 * is a row, and multiply with {@code jdk.incubator.vector} where the JVM was started with
 * {@code --add-modules jdk.incubator.vector}, else with plain loops; {@link dev.fovea.kernel.BlockMatrix} has the rows of GGUF files. {@link dev.fovea.kernel.Kernels} says which.
 */
@NullMarked
package dev.fovea.kernel;

import org.jspecify.annotations.NullMarked;
