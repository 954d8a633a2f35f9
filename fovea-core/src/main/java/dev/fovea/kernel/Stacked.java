package dev.fovea.kernel;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;

/** Matrices of equal width, one below the other, multiplied as one: a large one in parts, or several with one input. */
public final class Stacked {

    private final List<Matrix> parts;
    private final int rows;
    private final int filledFrom;

    public Stacked(List<Matrix> parts) {
        this.parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("no matrices");
        }
        for (Matrix part : parts) {
            if (part.columns() != parts.getFirst().columns()) {
                throw new IllegalArgumentException("%d columns below %d"
                        .formatted(part.columns(), parts.getFirst().columns()));
            }
        }
        this.rows = parts.stream().mapToInt(Matrix::rows).sum();
        this.filledFrom = parts.stream().mapToInt(Matrix::filledFrom).max().orElse(0);
    }

    public List<Matrix> parts() {
        return parts;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return parts.getFirst().columns();
    }

    /** Bytes that a product reads. */
    public long bytes() {
        return parts.stream().mapToLong(Matrix::bytes).sum();
    }

    /** Whether one reading of the weights serves several vectors, which then cost less than one after the other. */
    public boolean readsForSeveral() {
        return filledFrom < Loops.TOGETHER;
    }

    /** {@code y = W x}: {@code x} of {@link #columns()}, {@code y} of {@link #rows()}. */
    public void times(float[] x, float[] y, Workers workers) {
        times(new float[][] {x}, new float[][] {y}, workers);
    }

    /** {@code y = W x} for several vectors, as {@link Matrix#times(float[][], float[][], Workers)}: in one meeting of the workers each. */
    public void times(float[][] xs, float[][] ys, Workers workers) {
        check(xs, ys);
        int first = 0;
        for (; first + Loops.TOGETHER <= xs.length; first += Loops.TOGETHER) {
            together(
                    Arrays.copyOfRange(xs, first, first + Loops.TOGETHER),
                    Arrays.copyOfRange(ys, first, first + Loops.TOGETHER),
                    workers);
        }
        int left = xs.length - first;
        if (xs.length == 1) {
            together(xs, ys, workers);
            return;
        }
        if (left < filledFrom) {
            for (; first < xs.length; first++) {
                together(new float[][] {xs[first]}, new float[][] {ys[first]}, workers);
            }
            return;
        }
        var filled = new float[Loops.TOGETHER][]; // with the last, whose products go nowhere
        var into = new float[Loops.TOGETHER][];
        for (int v = 0; v < Loops.TOGETHER; v++) {
            filled[v] = xs[first + Math.min(v, left - 1)];
            into[v] = v < left ? ys[first + v] : new float[rows()];
        }
        together(filled, into, workers);
    }

    private void check(float[][] xs, float[][] ys) {
        if (xs.length != ys.length) {
            throw new IllegalArgumentException("%d vectors, and place for %d".formatted(xs.length, ys.length));
        }
        for (int v = 0; v < xs.length; v++) {
            if (xs[v].length != columns() || ys[v].length != rows()) {
                throw new IllegalArgumentException("a vector of %d and place for %d, wanted %d and %d"
                        .formatted(xs[v].length, ys[v].length, columns(), rows()));
            }
        }
    }

    /** One vector, or {@value Loops#TOGETHER}. */
    private void together(float[][] xs, float[][] ys, Workers workers) {
        parts.forEach(Matrix::requireOpen);
        var ready = new float[parts.size()][][];
        int steps = 0;
        for (int p = 0; p < ready.length; p++) {
            Matrix part = parts.get(p);
            boolean isAlike = p > 0 && part.getClass() == parts.get(p - 1).getClass();
            ready[p] = isAlike ? ready[p - 1] : prepared(part, xs, p * Loops.TOGETHER);
            steps += part.steps();
        }
        try {
            workers.split(steps, (from, to) -> multiply(ready, ys, from, to));
        } finally {
            Reference.reachabilityFence(parts);
        }
    }

    private static float[][] prepared(Matrix part, float[][] xs, int index) {
        var ready = new float[xs.length][];
        for (int v = 0; v < xs.length; v++) {
            ready[v] = part.prepared(xs[v], index + v);
        }
        return ready;
    }

    private void multiply(float[][][] xs, float[][] ys, int from, int to) {
        int step = 0;
        int row = 0;
        for (int p = 0; p < xs.length; p++) {
            Matrix part = parts.get(p);
            int first = Math.max(from, step);
            int end = Math.min(to, step + part.steps());
            if (first < end) {
                part.multiply(xs[p], ys, first - step, end - step, row);
            }
            step += part.steps();
            row += part.rows();
        }
    }
}
