package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.kernel.Int4Matrix;
import dev.fovea.kernel.Int8Matrix;
import dev.fovea.kernel.Matrix;
import dev.fovea.kernel.Stacked;
import dev.fovea.kernel.Workers;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductsTest {

    /** Matrices that fill no group, below one another, of one panel and of several, against plain sums over what they stand for. */
    @ParameterizedTest
    @CsvSource({"1, 5, 70", "2, 37, 300", "2, 800, 2100", "3, 20, 40"})
    void productsAreTheSumsOfTheirRows(int threads, int rows, int columns) {
        var random = new Random(rows);
        try (Arena arena = Arena.ofShared();
                var workers = new Workers(threads);
                var _ = new Scope()) {
            var stacked = new Stacked(List.of(
                    Int8Matrix.of(random(rows * columns, random), columns, arena),
                    Int4Matrix.of(random((rows + 19) * columns, random), columns, arena)));
            float[] x = random(3 * columns, random);
            Tensor y = new Products(workers).times(Tensors.of(x, 3, columns), stacked);
            float[][] found = Tensors.toRows(y);
            assertThat(found[0]).hasSize(2 * rows + 19);
            var weights = new float[columns];
            int at = 0;
            for (Matrix part : stacked.parts()) {
                for (int r = 0; r < part.rows(); r++, at++) {
                    part.row(r, weights);
                    for (int t = 0; t < 3; t++) {
                        double sum = 0;
                        double size = 0;
                        for (int c = 0; c < columns; c++) {
                            sum += (double) weights[c] * x[t * columns + c];
                            size += Math.abs((double) weights[c] * x[t * columns + c]);
                        }
                        assertThat((double) found[t][at])
                                .as("row %d of text %d", at, t)
                                .isCloseTo(sum, within(0.01 * size));
                    }
                }
            }
            assertThat(torch.isfinite(y).all().item_bool()).isTrue();
        }
    }

    private static float[] random(int n, Random random) {
        var x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }
}
