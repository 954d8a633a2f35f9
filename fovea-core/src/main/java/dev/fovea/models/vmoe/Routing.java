package dev.fovea.models.vmoe;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Where tokens go, and what of it is to be trained. */
public sealed interface Routing {

    /**
     * Tokens go to experts whole.
     *
     * @param gates by which outputs are weighted // [G, S, E]
     * @param routes which token meets which expert
     * @param choices what tokens chose; null where experts choose
     * @param loss null where none is needed
     * @param logits without noise // [G, S, E]
     */
    record Sparse(
            Tensor gates,
            Routes routes,
            @Nullable Assignment choices,
            @Nullable AuxiliaryLoss loss,
            Tensor logits) implements Routing {}

    /**
     * Slots are mixtures of tokens, tokens get mixtures of slots.
     *
     * @param dispatch of each slot over the tokens of its group // [G, S, E, P]
     * @param combine of each token over all slots // [G, S, E, P]
     */
    record Soft(Tensor dispatch, Tensor combine) implements Routing {}
}
