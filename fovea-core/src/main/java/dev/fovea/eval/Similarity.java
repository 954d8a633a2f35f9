package dev.fovea.eval;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;

/** Cosines of all pairs of two sets of vectors. */
final class Similarity {

    private Similarity() {}

    /** [N, M]. Summed in float64 and then rounded, so that equal vectors have equal cosines. */
    static float[] cosines(Features a, Features b) {
        a.expectWidth(b);
        return products(a.normalized(), b.normalized());
    }

    /** [N, M] of vectors that have length 1 already. */
    static float[] products(Features a, Features b) {
        try (var _ = new Scope()) {
            return Tensors.toFloats(
                    a.rows(0, a.size()).matmul(b.rows(0, b.size()).t()));
        }
    }
}
