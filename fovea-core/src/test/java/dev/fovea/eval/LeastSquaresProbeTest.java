package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeastSquaresProbeTest {

    private static final int WIDTH = 6;
    private static final int CLASSES = 3;

    /** (XᵀX + λ) w = XᵀY, whichever of the two decompositions solved it. */
    @ParameterizedTest
    @ValueSource(ints = {4, 6, 7, 30})
    void weightsSolveTheNormalEquations(int examples) {
        var random = new Random(examples);
        Features x = gaussian(random, examples, 1, 0);
        int[] labels = labels(examples);
        var probe = LeastSquaresProbe.fit(x, labels, CLASSES);
        double l2 = 2;
        double[] w = probe.weights(l2);
        for (int c = 0; c < CLASSES; c++) {
            for (int d = 0; d <= WIDTH; d++) {
                double gradient = l2 * w[d * CLASSES + c];
                for (int i = 0; i < examples; i++) {
                    double score = -(labels[i] == c ? 1 : -1);
                    for (int e = 0; e <= WIDTH; e++) {
                        score += column(x, probe, i, e) * w[e * CLASSES + c];
                    }
                    gradient += column(x, probe, i, d) * score;
                }
                assertThat(gradient).isCloseTo(0, within(1e-8));
            }
        }
    }

    @Test
    void scaleAndOriginOfTheFeaturesDoNotMatter() {
        Features train = gaussian(new Random(1), 20, 1, 0);
        Features test = gaussian(new Random(2), 10, 1, 0);
        double[] plain = LeastSquaresProbe.fit(train, labels(20), CLASSES).scores(test, 1);
        double[] scaled = LeastSquaresProbe.fit(gaussian(new Random(1), 20, 4, 64), labels(20), CLASSES)
                .scores(gaussian(new Random(2), 10, 4, 64), 1);
        for (int i = 0; i < plain.length; i++) {
            assertThat(scaled[i]).isCloseTo(plain[i], within(1e-3)); // the epsilon beside the deviation, float32 inputs
        }
    }

    @Test
    void orderOfTheExamplesDoesNotMatter() {
        Features train = gaussian(new Random(1), 12, 1, 0);
        int[] labels = labels(12);
        int[] order = {11, 3, 5, 7, 1, 0, 2, 4, 6, 8, 9, 10};
        var shuffled = new int[12];
        for (int i = 0; i < 12; i++) {
            shuffled[i] = labels[order[i]];
        }
        Features test = gaussian(new Random(2), 5, 1, 0);
        assertThat(LeastSquaresProbe.fit(train.select(order), shuffled, CLASSES).scores(test, 1))
                .containsExactly(LeastSquaresProbe.fit(train, labels, CLASSES).scores(test, 1), within(1e-9));
    }

    @Test
    void noPenaltyAndFewExamplesFitsThemExactly() {
        Features train = gaussian(new Random(3), 5, 1, 0);
        var probe = LeastSquaresProbe.fit(train, labels(5), CLASSES);
        assertThat(probe.accuracy(train, labels(5), 1e-9)).isEqualTo(1);
    }

    @Test
    void featureThatNeverChangesIsHarmless() {
        var x = new Features(2, new float[] {7, 0, 7, 1, 7, 0, 7, 1});
        int[] y = {0, 1, 0, 1};
        assertThat(LeastSquaresProbe.fit(x, y, 2).accuracy(x, y, 1024)).isEqualTo(1);
    }

    @Test
    void labelBeyondTheClassesIsNamed() {
        Features x = gaussian(new Random(1), 3, 1, 0);
        assertThatThrownBy(() -> LeastSquaresProbe.fit(x, new int[] {0, 1, 3}, CLASSES))
                .hasMessage("label 3 of example 2, there are 3 classes");
    }

    private static double column(Features x, LeastSquaresProbe probe, int i, int d) {
        return d == WIDTH ? 100 : (x.values()[i * WIDTH + d] - probe.mean()[d]) / probe.std()[d];
    }

    private static int[] labels(int count) {
        var labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % CLASSES;
        }
        return labels;
    }

    private static Features gaussian(Random random, int count, float scale, float origin) {
        var values = new float[count * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = origin + scale * (float) random.nextGaussian();
        }
        return new Features(WIDTH, values);
    }
}
