package dev.fovea.models.gemma;

import dev.fovea.nn.KvCache;
import dev.fovea.tensor.Ops;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** How the fresh tokens of a layer meet one another and those before them; the caller knows what was kept and who sees whom. */
@FunctionalInterface
interface Attend {

    /** What queries find, {@code [B, H, T, Dh]}. */
    Tensor to(Tensor q, Tensor k, Tensor v, double scale); // [B, H, T, Dh], [B, K, T, Dh], [B, K, T, Dh]

    /**
     * Over what a cache keeps.
     *
     * @param mask bool {@code [1 or B, 1, T, S]}; null where all is seen
     */
    static Attend over(@Nullable Tensor mask, KvCache cache) {
        return (q, k, v, scale) -> {
            KvCache.Seen seen = cache.append(k, v); // [B, K, S, Dh]
            return Ops.attend(q, seen.keys(), seen.values(), mask, scale); // [B, H, T, Dh]
        };
    }
}
