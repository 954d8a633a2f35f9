package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PrecisionRecallTest {

    private static Features line(double... values) {
        var rows = new float[values.length][];
        for (int i = 0; i < values.length; i++) {
            rows[i] = new float[] {(float) values[i]};
        }
        return Features.of(rows);
    }

    /** Real balls at k = 1: 0 and 1 reach 1, 10 reaches 9. Generated ones: 2 and 3 reach 1, 30 reaches 27. */
    @Test
    void ballsReachToTheKthNeighbourAndTheirBorderCounts() {
        var found = PrecisionRecall.of(line(0, 1, 10), line(2, 3, 30), 1);
        assertThat(found.precision()).isEqualTo(2.0 / 3); // 2 and 3; 30 is 20 from 10
        assertThat(found.recall()).isEqualTo(2.0 / 3); // 1 on the border of 2's, 10 in that of 30
    }

    /** The ball of 52 reaches to 51 with one neighbour, and to 4.5 and so past 99 with three. */
    @Test
    void moreNeighboursReachFurther() {
        Features real = line(0, 1, 2, 99);
        Features generated = line(4.5, 50, 51, 52);
        assertThat(PrecisionRecall.of(real, generated, 1)).isEqualTo(new PrecisionRecall(1, 0.75));
        assertThat(PrecisionRecall.of(real, generated, 3)).isEqualTo(new PrecisionRecall(1, 1));
    }

    @Test
    void identicalSetsHaveAllOfBothAndDistantOnesNothing() {
        var random = new Random(2);
        var values = new float[3000 * 2];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(50); // many vectors are there several times
        }
        var x = new Features(2, values);
        assertThat(PrecisionRecall.of(x, x, PrecisionRecall.NEIGHBOURS)).isEqualTo(new PrecisionRecall(1, 1));
        var moved = values.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += 1000;
        }
        assertThat(PrecisionRecall.of(x, new Features(2, moved), 3)).isEqualTo(new PrecisionRecall(0, 0));
    }

    @Test
    void oneModeAloneIsPreciseAndCoversHalf() {
        var random = new Random(3);
        var real = new double[400];
        var generated = new double[400];
        for (int i = 0; i < 400; i++) {
            real[i] = random.nextGaussian() + (i % 2 == 0 ? 0 : 1000);
            generated[i] = random.nextGaussian();
        }
        var found = PrecisionRecall.of(line(real), line(generated), 3);
        assertThat(found.precision()).isGreaterThan(0.95);
        assertThat(found.recall()).isBetween(0.45, 0.501);
    }

    @Test
    void aSetMustHaveMoreVectorsThanNeighbours() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PrecisionRecall.of(line(1, 2, 3), line(1, 2, 3, 4), 3))
                .withMessageContaining("which are 3");
    }
}
