package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class FrechetDistanceTest {

    /** Independent directions of the given standard deviations, exactly: two points on each axis either side of the mean. */
    private static Features cross(double[] mean, double... std) {
        int width = std.length;
        int n = 2 * width;
        var values = new float[n * width];
        for (int d = 0; d < width; d++) {
            double reach = std[d] * Math.sqrt((n - 1) / 2.0);
            for (int i = 0; i < n; i++) {
                double at = i == 2 * d ? reach : i == 2 * d + 1 ? -reach : 0;
                values[i * width + d] = (float) (mean[d] + at);
            }
        }
        return new Features(width, values);
    }

    /** |μ₁ − μ₂|² + Σ (σ₁ − σ₂)² for diagonal covariances. */
    @Test
    void isTheClosedFormForGaussiansAlongTheAxes() {
        Features a = cross(new double[] {0, 1, -2}, 1, 2, 0.5);
        Features b = cross(new double[] {3, 1, -1}, 2, 2, 1.5);
        assertThat(FrechetDistance.of(a, b)).isCloseTo(9 + 1 + 1 + 0 + 1, within(1e-4));
        assertThat(FrechetDistance.of(b, a)).isCloseTo(FrechetDistance.of(a, b), within(1e-9));
    }

    /** Covariances that do not commute; the value is numpy's, by the eigenvalues of the product. */
    @Test
    void isWhatNumpySaysOfCovariancesThatDoNotCommute() {
        Features a = Features.of(new float[][] {{0, 0}, {1, 2}, {3, 1}, {4, 5}});
        Features b = Features.of(new float[][] {{1, 0}, {0, 3}, {2, 2}, {5, 1}, {1, 1}});
        assertThat(FrechetDistance.of(a, b)).isCloseTo(3.3548745546028673, within(1e-10));
    }

    @Test
    void identicalSetsAreAtNoDistanceEvenWithFewerVectorsThanDimensions() {
        var random = new Random(1);
        var values = new float[10 * 40];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (10 * random.nextGaussian());
        }
        var x = new Features(40, values);
        assertThat(FrechetDistance.of(x, x)).isCloseTo(0, within(1e-9));
    }

    @Test
    void theSquareRootOfASymmetricMatrix() {
        try (var _ = new Scope()) {
            Tensor root = FrechetDistance.squareRoot(Tensors.of(new double[] {5, 4, 4, 5}, 2, 2));
            assertThat(Tensors.toDoubles(root)).containsExactly(new double[] {2, 1, 1, 2}, within(1e-12));
        }
    }

    @Test
    void oneVectorHasNoCovariance() {
        Features one = Features.of(new float[][] {{1, 2}});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FrechetDistance.of(one, one))
                .withMessageContaining("at least 2");
    }
}
