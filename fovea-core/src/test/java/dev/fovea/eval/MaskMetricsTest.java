package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MaskMetricsTest {

    private static final MaskMetrics.Truth LEFT_HALF = truth();

    @Test
    void theRightMaskInTheRightBoxIsPerfect() {
        var m = new MaskMetrics(0.5, 0.999);
        m.add(tokens(0, 0, 1023, 512), filled(1), LEFT_HALF);
        assertThat(m.ious()).containsExactly(1);
        assertThat(m.toMap()).containsEntry("boxacc_0.5", 1.0).containsEntry("boxacc_0.999", 1.0);
    }

    @Test
    void boxTwiceAsWideHasHalfTheIou() {
        var m = new MaskMetrics(0.4, 0.6);
        m.add(tokens(0, 0, 1023, 1023), filled(1), LEFT_HALF);
        assertThat(m.ious()[0]).isCloseTo(0.5, within(1e-12));
        assertThat(m.toMap()).containsEntry("boxacc_0.4", 1.0).containsEntry("boxacc_0.6", 0.0);
    }

    @Test
    void codeOrBoxOutOfRangeIsInvalid() {
        var m = new MaskMetrics(0.5);
        int[] code = tokens(0, 0, 1023, 512);
        code[7] = 128;
        m.add(code, filled(1), LEFT_HALF);
        m.add(tokens(5, 0, 5, 512), filled(1), LEFT_HALF);
        m.add(new int[] {0, 0, 1023, 512}, filled(1), LEFT_HALF);
        assertThat(m.invalid()).isEqualTo(3);
        assertThat(m.toMap()).containsEntry("miou", 0.0).containsEntry("boxacc_0.5", 0.0);
    }

    @Test
    void locationsRoundHalvesToEvenAndStayInRange() {
        assertThat(MaskMetrics.locations(0.5f / 1023, 1.5f / 1023, -1, 2)).containsExactly(0, 2, 0, 1023);
    }

    private static int[] tokens(int... box) {
        return Arrays.copyOf(box, 20);
    }

    private static float[] filled(float value) {
        var mask = new float[64 * 64];
        Arrays.fill(mask, value);
        return mask;
    }

    private static MaskMetrics.Truth truth() {
        var mask = new boolean[20 * 40];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = i % 40 < 20;
        }
        return new MaskMetrics.Truth(new double[] {0, 0, 1, 0.5005}, 20, 40, mask);
    }
}
