/**
 * Gemma 3 (arXiv 2503.19786): a decoder of text whose layers are local five times and global once, and from 4B on a
 * SigLIP tower whose pooled tokens stand in the text as soft tokens.
 *
 * <p>x = E[id] · √D. Each layer: x ← x + norm(attend(norm(x))), x ← x + norm(mlp(norm(x))); mlp(x) = (gelu(x W_g) ⊙
 * x W_u) W_d; norms multiply by 1 + w. Queries and keys are normed over a head and turned to their position (θ 10⁴ in
 * local layers, 10⁶ in global ones, there at position / 8 from 4B on). A token sees those before it, in local layers the
 * last w, itself included; the soft tokens of a picture see one another. logits = norm(x) Eᵀ.
 *
 * <p>Shapes: B batch, T tokens, S keys seen, D width, H heads, K key heads, Dh head dim, F MLP dim, V vocabulary, N soft
 * tokens of a picture. Columns count tokens of a row from 0 with padding, positions without.
 *
 * <p>{@code fovea verify fixtures/gemma3-text} compares every layer, losses, gradients and cached answers with transformers.
 */
@NullMarked
package dev.fovea.models.gemma;

import org.jspecify.annotations.NullMarked;
