package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MixupTest {

    @Test
    void eachExampleIsMixedWithTheOneBeforeIt() {
        float[] x = {1, 10, 2, 20, 3, 30};
        Mixup.mix(x, 3, 0.75f);
        assertThat(x).containsExactly(1.5f, 15, 1.75f, 17.5f, 2.75f, 27.5f);
    }

    @Test
    void targetsStillSumToOne() {
        float[] targets = Targets.smoothed(new int[] {0, 2, 1}, 4, 0.1f);
        Mixup.mix(targets, 3, 0.6f);
        for (int row = 0; row < 3; row++) {
            float sum = targets[4 * row] + targets[4 * row + 1] + targets[4 * row + 2] + targets[4 * row + 3];
            assertThat(sum).isCloseTo(1, within(1e-6f));
        }
    }

    @Test
    void weightsHaveTheMomentsOfTheFoldedBeta() {
        var random = new Random(1);
        int n = 20_000;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            float a = Mixup.weight(1, random); // uniform, folded: mean 3/4
            assertThat(a).isBetween(0.5f, 1f);
            sum += a;
        }
        assertThat(sum / n).isCloseTo(0.75, within(0.005));
        assertThat(Mixup.weight(0, random)).isEqualTo(1);
        assertThat(Mixup.weight(1e-9, random)).isEqualTo(1);
    }

    @Test
    void dirichletWeightsComeLargestFirst() {
        float[] w = Mixup.weights(0.5, 3, new Random(4));
        assertThat(w[0] + w[1] + w[2]).isCloseTo(1, within(1e-6f));
        assertThat(w[0]).isGreaterThanOrEqualTo(w[1]);
        assertThat(w[1]).isGreaterThanOrEqualTo(w[2]);
    }

    @Test
    void rowsWithoutALabelAreZero() {
        assertThat(Targets.oneHot(new int[] {-1, 1}, 2, 1, 0.5f)).containsExactly(0, 0, 0.5f, 1);
        assertThatThrownBy(() -> Targets.oneHot(new int[] {0, 7}, 5, 1, 0))
                .hasMessage("label 7 at row 1, there are 5 classes");
    }
}
