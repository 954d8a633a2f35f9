package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class IntervalTest {

    @Test
    void threeRunsTakeStudentsTwoDegreesOfFreedom() {
        Interval i = Interval.ofRuns(1, 2, 3);
        assertThat(i.mean()).isEqualTo(2);
        assertThat(i.high() - i.mean()).isCloseTo(4.3027 / Math.sqrt(3), within(1e-9));
        assertThat(i.mean() - i.low()).isCloseTo(i.high() - i.mean(), within(1e-12));
    }

    @Test
    void oneRunHasNoInterval() {
        assertThat(Interval.ofRuns(5).low()).isNaN();
    }

    /** 2.0395 is Student's t for 31 degrees of freedom, the first past the table. */
    @Test
    void manyRunsAreNearTheNormalDistribution() {
        var values = new double[32];
        values[0] = 1;
        double deviation = Math.sqrt((1 - 1.0 / 32) / 31);
        Interval i = Interval.ofRuns(values);
        assertThat((i.high() - i.mean()) / (deviation / Math.sqrt(32))).isCloseTo(2.0395, within(1e-4));
    }

    @Test
    void bootstrapOfBinaryOutcomesIsNearTheNormalInterval() {
        var right = new double[1000];
        for (int i = 0; i < 800; i++) {
            right[i] = 1;
        }
        Interval i = Interval.bootstrap(right, 2000, new Random(1));
        assertThat(i.high() - i.mean()).isCloseTo(1.96 * Math.sqrt(0.8 * 0.2 / 1000), within(3e-3));
    }

    @Test
    void pairedBootstrapSeesASmallButSteadyDifference() {
        double[] a = {0.1, 0.9, 0.5, 0.7};
        double[] b = {0.09, 0.89, 0.49, 0.69};
        Interval i = Interval.pairedBootstrap(a, b, 1000, new Random(1));
        assertThat(i.low()).isCloseTo(0.01, within(1e-9));
    }
}
