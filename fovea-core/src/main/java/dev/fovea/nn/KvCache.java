package dev.fovea.nn;

import org.bytedeco.pytorch.Tensor;

/** Where an attention layer leaves the keys and values of fresh tokens, and finds those of all that they may see. */
@FunctionalInterface
public interface KvCache {

    /** Nothing is kept: tokens see those of their own pass. */
    KvCache NONE = Seen::new;

    /** Keys and values to attend to. */
    record Seen(Tensor keys, Tensor values) {} // [B, K, S, Dh] each

    /** Takes those of the fresh tokens and gives all; the result is to be used before the next call. */
    Seen append(Tensor keys, Tensor values); // [B, K, T, Dh] each
}
