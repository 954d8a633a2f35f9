/**
 * Pictures as arrays: decoding, resizing and augmentation with the numerics of the references, without native code.
 *
 * <p>A file becomes an {@link dev.fovea.image.Image} of bytes ({@link dev.fovea.image.ImageDecoder}); a
 * {@link dev.fovea.image.Preprocess}, a list of {@link dev.fovea.image.Step}s, makes of it the floats that a model takes,
 * written straight into the array of a batch. Letters: {@code H} rows, {@code W} columns, {@code C} channels; arrays are
 * row-major {@code [H, W, C]}.
 */
@NullMarked
package dev.fovea.image;

import org.jspecify.annotations.NullMarked;
