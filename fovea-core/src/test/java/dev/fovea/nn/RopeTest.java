package dev.fovea.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class RopeTest {

    private static final float[] X = {0.3f, -1.2f, 0.7f, 2.1f, -0.4f, 0.9f};
    private static final float[] Y = {1.1f, 0.2f, -0.8f, 0.5f, 1.7f, -0.6f};

    /** The pair of entries j and j + Dh/2 is turned by position / divisor · θ^(−2j/Dh). */
    @Test
    void pairsOfHalvesAreTurned() {
        try (var _ = new Scope()) {
            float[] found = Tensors.toFloats(at(12, 100, 4).rotate(Tensors.of(X, 1, 1, 1, 6)));
            for (int j = 0; j < 3; j++) {
                double angle = 12 / 4.0 * Math.pow(100, -2.0 * j / 6);
                assertThat(found[j])
                        .isCloseTo((float) (X[j] * Math.cos(angle) - X[j + 3] * Math.sin(angle)), within(1e-5f));
                assertThat(found[j + 3])
                        .isCloseTo((float) (X[j + 3] * Math.cos(angle) + X[j] * Math.sin(angle)), within(1e-5f));
            }
        }
    }

    /** What a query makes of a key depends on how far apart they are, and not on where. */
    @Test
    void onlyDistancesMatter() {
        assertThat(score(9, 4)).isCloseTo(score(25, 20), within(1e-5f));
        assertThat(score(9, 4)).isNotCloseTo(score(9, 5), within(1e-2f));
    }

    @Test
    void oddHeadDimIsRefused() {
        try (var _ = new Scope()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Rope.of(Tensors.of(new long[] {0}, 1, 1), 5, 1e4, 1, ScalarType.Float))
                    .withMessage("head dim 5 is odd; rotary positions turn pairs");
        }
    }

    private static float score(long query, long key) {
        try (var _ = new Scope()) {
            Tensor q = at(query, 50, 1).rotate(Tensors.of(X, 1, 1, 1, 6));
            Tensor k = at(key, 50, 1).rotate(Tensors.of(Y, 1, 1, 1, 6));
            return Tensors.toFloats(q.mul(k).sum())[0];
        }
    }

    private static Rope at(long position, double theta, double divisor) {
        return Rope.of(Tensors.of(new long[] {position}, 1, 1), 6, theta, divisor, ScalarType.Float);
    }
}
