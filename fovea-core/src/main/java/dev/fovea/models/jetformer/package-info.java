/**
 * JetFormer (arXiv 2411.19722): one decoder over pixels and text, trained from scratch by maximum likelihood. A Jet maps
 * patches to soft tokens; the decoder predicts each soft token with a mixture of Gaussians and each text token with a
 * softmax.
 *
 * <p>Patches x are dequantised and mapped by the flow to latents z. The first d values of each token are the soft token
 * s, the others n are factored out and have a standard normal prior. A picture of D values costs
 * [−Σ log p(s_t | before) + Σ (½ n² + ½ log 2π) − log|det| + D log 127.5] / (D log 2) bits a sub-pixel, a text the
 * mean of −log p of its tokens in nats.
 *
 * <p>Sequences are [bos, text, boi, picture] or [boi, picture, bos, text], without their last element; each output
 * predicts the next element. With guidance w a step's density is p(s | text)^(1 + w) / p(s)^w.
 *
 * <p>Letters: B batch, N image tokens, L text tokens, T elements of a sequence, D width, H heads, K key heads or mixture
 * components, Dh head dim, d values of a soft token, V vocabulary.
 */
@NullMarked
package dev.fovea.models.jetformer;

import org.jspecify.annotations.NullMarked;
