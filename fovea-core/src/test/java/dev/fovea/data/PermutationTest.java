package dev.fovea.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermutationTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 7, 16, 17, 1000, 65_536, 65_537})
    void everyPlaceIsTakenOnce(long size) {
        var seen = new BitSet();
        var order = new Permutation(size, 42);
        for (long i = 0; i < size; i++) {
            seen.set((int) order.at(i));
        }
        assertThat(seen.cardinality()).isEqualTo((int) size);
        assertThat(seen.length()).isEqualTo((int) size);
    }

    /** Each of 5 numbers at each of 5 places: chi-square with 16 degrees of freedom, below 45 but for one seed in 5,000. */
    @Test
    void smallPermutationsAreUniform() {
        int n = 5;
        int draws = 20_000;
        var counts = new int[n][n];
        for (int key = 0; key < draws; key++) {
            var order = new Permutation(n, key);
            for (int i = 0; i < n; i++) {
                counts[i][(int) order.at(i)]++;
            }
        }
        double chi = 0;
        double expected = draws / (double) n;
        for (int[] row : counts) {
            for (int c : row) {
                chi += (c - expected) * (c - expected) / expected;
            }
        }
        assertThat(chi).isLessThan(45);
    }

    @Test
    void largeSizesNeedNoMemory() {
        var order = new Permutation(1L << 40, 7);
        assertThat(order.at(123_456_789)).isBetween(0L, (1L << 40) - 1).isEqualTo(order.at(123_456_789));
        assertThat(order.at(0)).isNotEqualTo(new Permutation(1L << 40, 8).at(0));
    }

    @Test
    void placesOutsideAreRefused() {
        assertThatThrownBy(() -> new Permutation(3, 0).at(3)).hasMessage("position: wanted 0 to 2, found 3");
    }
}
