/**
 * The Vision Transformer (arXiv 2010.11929) in the form of the big_vision code base, with learned or sin-cos positions,
 * four poolings, an optional convolutional stem (arXiv 2106.14881), and the classifier on top.
 *
 * <p>x₀ = patches W + positions; yₗ = xₗ + MHA(LN(xₗ)); xₗ₊₁ = yₗ + W₂ gelu(W₁ LN(yₗ)); the encoder's output is LN(x_L),
 * pooled to one vector a picture and mapped to classes.
 *
 * <p>Letters: B batch, H, W rows and columns of a picture, C channels, P patch, h, w rows and columns of the patch grid,
 * N = h·w tokens (one more with a class token), D width, F MLP dim, K classes.
 */
@NullMarked
package dev.fovea.models.vit;

import org.jspecify.annotations.NullMarked;
