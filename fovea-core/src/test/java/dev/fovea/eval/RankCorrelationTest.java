package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RankCorrelationTest {

    @Test
    void onlyTheOrderCounts() {
        double[] a = {1, 2, 3, 4};
        assertThat(RankCorrelation.spearman(a, new double[] {0, 10, 1000, 1e9})).isEqualTo(1);
        assertThat(RankCorrelation.spearman(a, new double[] {3, 2, 1, -7})).isEqualTo(-1);
    }

    /** 1 − 6 Σ d² / (n (n² − 1)) without ties: differences 1, 1, 2, 0, 2. */
    @Test
    void isTheClosedFormWithoutTies() {
        double found = RankCorrelation.spearman(new double[] {1, 2, 3, 4, 5}, new double[] {2, 1, 5, 4, 3});
        assertThat(found).isCloseTo(1 - 6 * 10.0 / (5 * 24), within(1e-12));
    }

    /** Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3: 4.5 / √(4.5 · 5). */
    @Test
    void equalValuesShareTheMeanOfTheirRanks() {
        assertThat(RankCorrelation.spearman(new double[] {1, 2, 2, 3}, new double[] {1, 2, 3, 4}))
                .isCloseTo(4.5 / Math.sqrt(22.5), within(1e-12));
        assertThat(RankCorrelation.spearman(new double[] {5, 5}, new double[] {1, 2}))
                .isNaN();
        assertThatIllegalArgumentException().isThrownBy(() -> RankCorrelation.spearman(new double[2], new double[3]));
    }
}
