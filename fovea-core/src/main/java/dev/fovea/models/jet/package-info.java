/**
 * Jet (arXiv 2412.15129): a normalizing flow for images made of affine couplings whose networks are small Vision
 * Transformers, with exact likelihoods and sampling in one pass.
 *
 * <p>A picture is cut into N tokens of C values. Each coupling takes half of the values, either half the channels of
 * every token or all channels of half the tokens, and from it computes b and r for the other half: y = (x + b) · m σ(r),
 * with log-determinant Σ log σ(r) + log m, and m = 2. Its inverse is x = y / (m σ(r)) − b. With a normal prior on the
 * result z, a picture of D values costs [Σ ½ z² + ½ log 2π + log 127.5 − log|det|] / (D log 2) bits a dimension, where
 * 127.5 turns a density over [−1, 1] into one over 8-bit steps.
 *
 * <p>Since a scale is below m, a coupling lowers the bits of half of the dimensions by less than log₂ m: with m = 2, n
 * couplings cannot go below 8.32 − n/2.
 *
 * <p>Letters: B batch, H, W rows and columns of a picture, P side of a patch, h, w rows and columns of the token grid,
 * N = h·w tokens, C = channels·P² values a token, D width of a coupling's network.
 */
@NullMarked
package dev.fovea.models.jet;

import org.jspecify.annotations.NullMarked;
