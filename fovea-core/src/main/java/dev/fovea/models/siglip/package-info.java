/**
 * SigLIP (arXiv 2303.15343): a picture tower and a text tower whose vectors agree for pairs that belong together. The
 * picture tower is a Vision Transformer with attention pooling, the text tower the same encoder over token embeddings,
 * every token seeing every token, pooled at the last position.
 *
 * <p>s = exp(t) · ẑ_image ẑ_textᵀ + b, ẑ of length one; trained by a sigmoid loss on every pair, or, without b, by the
 * softmax loss of CLIP and LiT.
 */
@NullMarked
package dev.fovea.models.siglip;

import org.jspecify.annotations.NullMarked;
