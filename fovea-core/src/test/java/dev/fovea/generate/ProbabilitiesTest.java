package dev.fovea.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProbabilitiesTest {

    @Test
    void powersAreThoseOfTheLibrary() {
        var random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            double x = i < 10_000 ? -700 * random.nextDouble() : -random.nextDouble();
            assertThat(Probabilities.exp(x) / Math.exp(x)).as("exp(%s)", x).isCloseTo(1, within(2e-15));
        }
        assertThat(Probabilities.exp(0)).isEqualTo(1);
        assertThat(Probabilities.exp(-Double.MIN_VALUE)).isEqualTo(1);
        assertThat(Probabilities.exp(Double.NEGATIVE_INFINITY)).isZero();
        assertThat(Probabilities.exp(-1e300)).isZero();
    }

    @Test
    void sumsToOneAlsoWhereTokensAreRuledOut() {
        for (int size : new int[] {1, 2, 7, 1001}) {
            var logits = new float[size];
            var random = new Random(size);
            for (int i = 0; i < size; i++) {
                logits[i] = i % 3 == 2 ? Float.NEGATIVE_INFINITY : 20 * random.nextFloat() - 10;
            }
            var probabilities = new Probabilities(logits);
            double sum = 0;
            for (int i = 0; i < size; i++) {
                sum += probabilities.of(i);
            }
            assertThat(sum).isCloseTo(1, within(1e-12));
        }
    }

    @Test
    void theFirstOfEqualsIsTheBestAndNoNumberIsSaid() {
        assertThat(Probabilities.best(new float[] {-3, 5, 5, 1})).isEqualTo(1);
        assertThat(Probabilities.best(new float[] {0f, -0f})).isZero();
        assertThat(Probabilities.best(new float[] {-0f, 0f})).isZero();
        var logits = new float[40];
        logits[33] = Float.NaN;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Probabilities.best(logits))
                .withMessage("logit of token 33 is not a number");
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Probabilities.best(logits))
                .withMessage("every one of 40 tokens is ruled out");
    }
}
