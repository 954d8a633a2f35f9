package dev.fovea.kernel;

import java.util.List;

/** Matrices of equal width, one below the other, multiplied as one: a large one in parts, or several with one input. */
public record Stacked(List<Matrix> parts) {

    public Stacked {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("no matrices");
        }
        for (Matrix part : parts) {
            if (part.columns() != parts.getFirst().columns()) {
                throw new IllegalArgumentException("%d columns below %d"
                        .formatted(part.columns(), parts.getFirst().columns()));
            }
        }
    }

    public int rows() {
        return parts.stream().mapToInt(Matrix::rows).sum();
    }

    public int columns() {
        return parts.getFirst().columns();
    }

    /** Bytes that a product reads. */
    public long bytes() {
        return parts.stream().mapToLong(Matrix::bytes).sum();
    }

    /** {@code y = W x}: {@code x} of {@link #columns()}, {@code y} of {@link #rows()}. */
    public void times(float[] x, float[] y, Workers workers) {
        times(new float[][] {x}, new float[][] {y}, workers);
    }

    /** {@code y = W x} for several vectors. */
    public void times(float[][] xs, float[][] ys, Workers workers) {
        if (parts.size() == 1) {
            parts.getFirst().times(xs, ys, workers);
            return;
        }
        int at = 0;
        for (Matrix part : parts) {
            var pieces = new float[xs.length][part.rows()];
            part.times(xs, pieces, workers);
            for (int v = 0; v < xs.length; v++) {
                System.arraycopy(pieces[v], 0, ys[v], at, part.rows());
            }
            at += part.rows();
        }
    }
}
