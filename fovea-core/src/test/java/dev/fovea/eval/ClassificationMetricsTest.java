package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClassificationMetricsTest {

    private static final double EXACT = 1e-12;

    @Test
    void perfectlyCalibratedPredictionsHaveNoCalibrationError() {
        var m = new ClassificationMetrics(2);
        float[] threeToOne = {(float) Math.log(3), 0};
        for (int i = 0; i < 4; i++) {
            m.add(threeToOne, new int[] {i == 0 ? 1 : 0});
        }
        assertThat(m.calibrationError()).isCloseTo(0, within(1e-7));
        assertThat(m.top1()).isEqualTo(0.75);
    }

    @Test
    void certainAndWrongIsTheWorst() {
        var m = new ClassificationMetrics(2);
        m.add(new float[] {1000, 0}, new int[] {1});
        assertThat(m.calibrationError()).isEqualTo(1);
        assertThat(m.brier()).isEqualTo(2);
        assertThat(m.crossEntropy()).isEqualTo(1000);
    }

    @Test
    void uniformPredictionsCostTheLogarithmOfTheClasses() {
        var m = new ClassificationMetrics(7);
        m.add(new float[7], new int[] {3});
        assertThat(m.crossEntropy()).isCloseTo(Math.log(7), within(EXACT));
    }

    @Test
    void paddingCountsNowhere() {
        var m = new ClassificationMetrics(2);
        m.add(new float[] {1, 0, Float.NaN, 9}, new int[] {0, -1});
        assertThat(m.count()).isEqualTo(1);
        assertThat(m.top1()).isEqualTo(1);
    }

    @Test
    void firstClassWinsAmongEqualLogits() {
        var m = new ClassificationMetrics(3);
        m.add(new float[] {1, 2, 2}, new int[] {1});
        assertThat(m.top1()).isEqualTo(1);
    }

    @Test
    void labelInSixthPlaceIsNotAmongTheTopFive() {
        var m = new ClassificationMetrics(7);
        float[] falling = {6, 5, 4, 3, 2, 1, 0};
        m.add(falling, new int[] {4});
        m.add(falling, new int[] {5});
        assertThat(m.top5()).isEqualTo(0.5);
    }

    @Test
    void batchesAddUpAndShiftedLogitsAreTheSame() {
        var random = new Random(2);
        var logits = new float[60];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = random.nextInt(8);
        }
        int[] labels = random.ints(12, 0, 5).toArray();
        var whole = new ClassificationMetrics(5);
        whole.add(logits, labels);
        var parts = new ClassificationMetrics(5);
        for (int i = 0; i < 12; i++) {
            float[] row = Arrays.copyOfRange(logits, 5 * i, 5 * i + 5);
            for (int c = 0; c < 5; c++) {
                row[c] += 64;
            }
            parts.add(row, new int[] {labels[i]});
        }
        parts.toMap()
                .forEach((name, value) ->
                        assertThat(value).as(name).isCloseTo(whole.toMap().get(name), within(EXACT)));
        assertThat(parts.confusion()).isDeepEqualTo(whole.confusion());
    }

    @Test
    void confusionHasLabelsInRows() {
        var m = new ClassificationMetrics(2);
        m.add(new float[] {0, 1, 0, 1, 1, 0}, new int[] {0, 1, 0});
        assertThat(m.confusion()).isDeepEqualTo(new long[][] {{1, 1}, {0, 1}});
        assertThat(m.perClassAccuracy()).containsExactly(0.5, 1);
    }

    @Test
    void logitThatIsNoNumberIsNamed() {
        var m = new ClassificationMetrics(2);
        assertThatThrownBy(() -> m.add(new float[] {0, 1, 0, Float.NaN}, new int[] {0, 1}))
                .hasMessage("logit of class 1 in row 1 is not a number");
    }

    @Test
    void labelBeyondTheClassesIsNamed() {
        var m = new ClassificationMetrics(2);
        assertThatThrownBy(() -> m.add(new float[2], new int[] {2})).hasMessage("label 2, there are 2 classes");
    }

    @Test
    void reassessedLabelsTakeAnyRightClassAndLeaveOutImagesWithoutOne() {
        var m = new RealAccuracy(3);
        m.add(new float[] {0, 1, 0, 5, 0, 0, 9, 0, 0}, new float[] {1, 1, 0, 0, 0, 1, 0, 0, 0});
        assertThat(m.count()).isEqualTo(2);
        assertThat(m.top1()).isEqualTo(0.5);
    }
}
