package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FewShotTest {

    @Test
    void everyClassGivesItsShotsOrAllItHas() {
        int[] labels = {0, 1, 0, 2, 0, 1, 0};
        int[] chosen = FewShot.select(labels, 3, 2, new Random(1));
        assertThat(Arrays.stream(chosen).map(i -> labels[i])).containsExactly(0, 0, 1, 1, 2);
        assertThat(chosen).doesNotHaveDuplicates();
    }

    @Test
    void separableClassesAreLearntFromOneShotAndTheSameSeedGivesTheSameNumbers() {
        var train = new Features(1, new float[] {-1.1f, -1, -0.9f, 0.9f, 1, 1.1f});
        int[] labels = {0, 0, 0, 1, 1, 1};
        var protocol = new FewShot(train, labels, train, labels, 2, List.of(1, 3), List.of(0L, 1L), 1);
        assertThat(protocol.evaluate())
                .containsOnlyKeys("1shot", "3shot", "1shot/seed0", "1shot/seed1", "3shot/seed0", "3shot/seed1")
                .containsEntry("3shot", 1.0)
                .isEqualTo(protocol.evaluate());
    }

    @Test
    void strengthOfTheBestMeanRankWinsOverAllDataSets() {
        double[][][] accuracy = {{{0.1, 0.9, 0.8}}, {{0.1, 0.5, 0.6}}, {{0.3, 0.2, 0.9}}};
        assertThat(FewShot.bestL2(accuracy, new double[] {1, 2, 4})).containsExactly(4);
    }

    /** Recorded from NumPy 2.4.6 on a machine with AVX2. */
    @Test
    void equalNumbersAreOrderedAsNumpyOrdersThem() {
        assertThat(NumpyOrder.argsort(new double[] {0.8, 0.7, 0.7, 0.7, 0.6})).containsExactly(4, 1, 3, 2, 0);
        double[] twenty = {1, 0, 2, 0, 3, 3, 3, 3, 1, 0, 3, 0, 3, 3, 0, 3, 2, 1, 0, 2};
        assertThat(NumpyOrder.argsort(twenty))
                .containsExactly(1, 3, 11, 9, 14, 18, 0, 8, 17, 16, 19, 2, 7, 6, 5, 4, 15, 13, 12, 10);
    }
}
