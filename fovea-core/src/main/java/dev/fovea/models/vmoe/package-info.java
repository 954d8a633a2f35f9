/**
 * V-MoE, the Vision Transformer with sparsely used experts (arXiv 2106.05974), and its kin: experts that choose tokens
 * (arXiv 2202.09368), ensembles in one network (arXiv 2110.03360), Soft MoE (arXiv 2308.00951).
 *
 * <p>In some blocks the MLP is a bank of experts: MoE(x) = Σⱼ wⱼ Expert_{eⱼ}(x), over the k largest gates w of softmax(W x
 * + ε). Tokens are routed in groups; an expert takes at most B = round(C k S / E) tokens of a group, so that the cost is
 * k C MLPs a token. What finds no slot is left to the residual. Batch priority routing fills the slots by the largest
 * gate instead of in storage order, and keeps accuracy at a C where storage order loses it. k, C and the order can be
 * chosen again after training ({@link dev.fovea.models.vmoe.Vmoe#with}).
 *
 * <p>Letters: B batch, or slots an expert and group where experts are spoken of; N tokens a picture; G groups; S tokens a
 * group; T = G·S; E experts; R rows, one for each token and expert that met; D width; F MLP dim; M members; P soft slots;
 * K classes.
 */
@NullMarked
package dev.fovea.models.vmoe;

import org.jspecify.annotations.NullMarked;
