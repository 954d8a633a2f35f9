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
        if (parts.size() == 1) {
            parts.getFirst().times(x, y, workers);
            return;
        }
        int at = 0;
        for (Matrix part : parts) {
            var piece = new float[part.rows()];
            part.times(x, piece, workers);
            System.arraycopy(piece, 0, y, at, piece.length);
            at += piece.length;
        }
    }
}
