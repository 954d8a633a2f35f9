package dev.fovea.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantisationTest {

    private static final int COLUMNS = 96;

    /** Rows of very different size, one of zeros. */
    private static float[] weights(int rows, int columns, long seed) {
        var random = new Random(seed);
        var x = new float[rows * columns];
        for (int i = 0; i < x.length; i++) {
            int row = i / columns;
            x[i] = row == 1 ? 0 : (float) (random.nextGaussian() * Math.pow(10, row % 5 - 2));
        }
        return x;
    }

    private static float max(float[] x, int from, int count) {
        float max = 0;
        for (int i = from; i < from + count; i++) {
            max = Math.max(max, Math.abs(x[i]));
        }
        return max;
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void integersAreOffByHalfAStepAtMost(int bits) {
        for (int columns : new int[] {COLUMNS, 7}) {
            float[] x = weights(6, columns, 1);
            PerChannel q = PerChannel.of(x, columns, bits);
            float[] y = q.toFloats();
            for (int i = 0; i < x.length; i++) {
                float step = max(x, i / columns * columns, columns) / ((1 << (bits - 1)) - 1);
                assertThat(Math.abs(y[i] - x[i])).isLessThanOrEqualTo(step * 0.50001f);
            }
            assertThat(PerChannel.of(y, columns, bits).packed()).isEqualTo(q.packed());
        }
    }

    @Test
    void integersAreThoseOfTheFormula() {
        PerChannel q = PerChannel.of(new float[] {7, -7, 2.5f, 3.5f, -0.6f}, 5, 4);
        assertThat(q.scales()).containsExactly(1);
        assertThat(new int[] {q.get(0, 0), q.get(0, 1), q.get(0, 2), q.get(0, 3), q.get(0, 4)})
                .containsExactly(7, -7, 2, 4, -1); // halves to even
        assertThat(q.packed()).hasSize(3);
    }

    @Test
    void blocksAreOffByHalfAStepButAtTheOtherExtreme() {
        float[] x = weights(6, COLUMNS, 2);
        byte[] packed = BlockQ4.pack(x);
        float[] y = BlockQ4.unpack(packed);
        for (int i = 0; i < x.length; i++) {
            int block = i / BlockQ4.BLOCK * BlockQ4.BLOCK;
            float d = max(x, block, BlockQ4.BLOCK) / 8;
            boolean extreme = Math.abs(y[i] - x[i]) > 0.5f * d && Math.abs(x[i]) > 7.4f * d;
            float half = 8 * d / 1024 + 1e-6f; // the scale's rounding to float16, which has subnormals too
            assertThat(Math.abs(y[i] - x[i])).isLessThanOrEqualTo((extreme ? d : 0.5f * d) + half);
        }
        assertThat(BlockQ4.pack(y)).isEqualTo(packed);
        assertThatThrownBy(() -> BlockQ4.pack(new float[33])).hasMessage("33 are no whole blocks of 32");
    }

    @Test
    void largestOfABlockKeepsItsSign() {
        var x = new float[BlockQ4.BLOCK];
        x[3] = -8;
        x[4] = 8;
        float[] y = BlockQ4.unpack(BlockQ4.pack(x));
        assertThat(y[3]).isEqualTo(-8);
        assertThat(y[4]).isEqualTo(7);
        assertThat(y[5]).isZero();
    }

    @Test
    void switchedFloatsAreOffByHalfAFractionAtMost() {
        float[] x = weights(6, COLUMNS, 3);
        Sfp8 q = Sfp8.of(x, COLUMNS);
        float[] y = q.toFloats();
        for (int i = 0; i < x.length; i++) {
            float unit = Math.max(1e-30f, max(x, i / COLUMNS * COLUMNS, COLUMNS)) / 1.875f;
            float scaled = x[i] / unit;
            double relative = Math.abs(scaled) >= 1 / 128.0 ? 1 / 16.0 : 1 / 8.0;
            assertThat((double) Math.abs(y[i] - x[i]))
                    .isLessThanOrEqualTo(1.0001 * relative * Math.abs(x[i]) + 1.2e-7 * unit);
        }
        assertThat(Sfp8.of(y, COLUMNS).codes()).isEqualTo(q.codes());
    }

    /** Against the rule as it is written, without codes. */
    @Test
    void switchedFloatsFollowTheRule() {
        var random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            double x = Math.scalb(1 + random.nextDouble(), random.nextInt(26) - 26);
            float[] row = {1.875f, (float) x};
            double rule = 0;
            if ((float) x >= 1.1175882e-7f) {
                double raised = Math.max((float) x, 1.490116e-7f);
                double p = Math.pow(2, Math.floor(Math.log(raised) / Math.log(2)));
                double step = p <= 1 / 256.0 ? p / 4 : p / 8;
                rule = Math.rint(raised / step) * step;
            }
            assertThat((double) Sfp8.of(row, 2).toFloats()[1]).as("%s", x).isEqualTo(rule);
        }
    }

    @Test
    void everyCodeStandsForItself() {
        var codes = new byte[256];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) i;
        }
        codes[128] = 0; // minus zero is written as zero
        float[] x = new Sfp8(256, codes, new float[] {1}).toFloats();
        assertThat(Sfp8.of(x, 256).codes()).isEqualTo(codes);
        float[] sorted = Arrays.copyOf(x, 128);
        Arrays.sort(sorted);
        assertThat(Arrays.copyOf(x, 128)).isEqualTo(sorted).doesNotHaveDuplicates();
    }

    @Test
    void weightsThatAreNoNumbersAreNamed() {
        assertThatThrownBy(() -> PerChannel.of(new float[] {1, Float.NaN}, 1, 8))
                .hasMessage("weight [1, 0] is NaN");
        assertThatThrownBy(() -> Sfp8.of(new float[] {Float.POSITIVE_INFINITY}, 1))
                .hasMessage("weight [0, 0] is Infinity");
        assertThatThrownBy(() -> PerChannel.of(new float[4], 2, 5)).hasMessage("5 bits, wanted 4 or 8");
    }
}
