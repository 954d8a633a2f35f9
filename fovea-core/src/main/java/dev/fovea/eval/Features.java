package dev.fovea.eval;

import static org.bytedeco.pytorch.global.torch.ScalarType.Double;

import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * Feature vectors, one a row.
 *
 * @param width length D of a vector
 * @param values [N, D], row-major
 */
public record Features(int width, float[] values) {

    public Features {
        if (width < 1 || values.length % width != 0) {
            throw new IllegalArgumentException(
                    "%d values are no whole number of vectors of width %d".formatted(values.length, width));
        }
    }

    /** One vector a row. */
    public static Features of(float[][] rows) {
        if (rows.length == 0) {
            throw new IllegalArgumentException("no vectors");
        }
        int width = rows[0].length;
        var values = new float[Math.multiplyExact(rows.length, width)];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != width) {
                throw new IllegalArgumentException(
                        "vector %d has width %d, the first has %d".formatted(i, rows[i].length, width));
            }
            System.arraycopy(rows[i], 0, values, i * width, width);
        }
        return new Features(width, values);
    }

    /** Number N of vectors. */
    public int size() {
        return values.length / width;
    }

    /** The chosen vectors in the given order. */
    public Features select(int... rows) {
        var chosen = new float[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(values, rows[i] * width, chosen, i * width, width);
        }
        return new Features(width, chosen);
    }

    /** Every vector divided by its length + 1e-8, as big_vision's towers do. */
    public Features normalized() {
        var unit = new float[values.length];
        for (int i = 0; i < values.length; i += width) {
            double squares = 0;
            for (int j = i; j < i + width; j++) {
                squares += (double) values[j] * values[j];
            }
            double length = Math.sqrt(squares) + 1e-8;
            for (int j = i; j < i + width; j++) {
                unit[j] = (float) (values[j] / length);
            }
        }
        return new Features(width, unit);
    }

    /** Rows {@code from .. to-1} as a float64 tensor. */
    Tensor rows(int from, int to) { // [to - from, D]
        var part = Arrays.copyOfRange(values, from * width, to * width);
        return Tensors.of(part, to - from, width).to(Double);
    }

    void expectWidth(Features other) {
        if (other.width != width) {
            throw new IllegalArgumentException("features of width %d and of width %d".formatted(width, other.width));
        }
    }

    void expectLabels(int[] labels) {
        if (labels.length != size()) {
            throw new IllegalArgumentException("%d vectors and %d labels".formatted(size(), labels.length));
        }
    }
}
