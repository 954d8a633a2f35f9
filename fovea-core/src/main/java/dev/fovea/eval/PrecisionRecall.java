package dev.fovea.eval;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Improved precision and recall (arXiv 1904.06991, section 2). A set's manifold is the union of a ball around each of its
 * vectors that reaches to its k-th nearest neighbour in the set.
 *
 * @param precision share of the generated vectors that lie in the real ones' manifold: quality
 * @param recall share of the real vectors that lie in the generated ones' manifold: coverage
 */
public record PrecisionRecall(double precision, double recall) {

    /** k as published. */
    public static final int NEIGHBOURS = 3;

    /** Entries of a block of the distance matrix: 32 MiB. */
    private static final int BLOCK = 1 << 22;
    /** Bound for the rounding of a squared distance by matrix product, as a share of the squared lengths. */
    private static final double ROUNDING = 1e-12;

    /**
     * Of generated vectors against real ones.
     *
     * @throws IllegalArgumentException where a set has no more than k vectors, or for unequal widths
     */
    public static PrecisionRecall of(Features real, Features generated, int k) {
        real.expectWidth(generated);
        for (Features x : new Features[] {real, generated}) {
            if (k < 1 || x.size() <= k) {
                throw new IllegalArgumentException(
                        "k %d: wanted at least 1 and fewer than the vectors, which are %d".formatted(k, x.size()));
            }
        }
        return new PrecisionRecall(inside(generated, real, k), inside(real, generated, k));
    }

    /** Share of {@code x} in the manifold of {@code of}. */
    private static double inside(Features x, Features of, int k) {
        try (var _ = new Scope()) {
            Tensor all = of.rows(0, of.size()); // [M, D]
            Tensor squares = all.square().sum(new long[] {1}); // [M]
            Tensor radii = Tensors.of(radii(of, all, squares, k), of.size()); // [M]
            long inside = 0;
            int rows = Math.max(1, BLOCK / of.size());
            for (int from = 0; from < x.size(); from += rows) {
                try (var _ = new Scope()) {
                    Tensor distances = distances(x.rows(from, Math.min(x.size(), from + rows)), all, squares);
                    inside += distances.le(radii).any(1).sum().item_long();
                }
            }
            return (double) inside / x.size();
        }
    }

    /** Squared distance of each vector to its k-th nearest neighbour but itself. */
    private static double[] radii(Features of, Tensor all, Tensor squares, int k) {
        var radii = new double[of.size()];
        int rows = Math.max(1, BLOCK / of.size());
        for (int from = 0; from < radii.length; from += rows) {
            try (var _ = new Scope()) {
                int to = Math.min(radii.length, from + rows);
                Tensor distances = distances(all.narrow(0, from, to - from), all, squares); // [to - from, M]
                distances.diagonal(from, 0, 1).fill_(new Scalar(Double.POSITIVE_INFINITY));
                double[] some = Tensors.toDoubles(
                        distances.topk(k, 1, false, true).get0().narrow(1, k - 1, 1)); // the k-th smallest
                System.arraycopy(some, 0, radii, from, some.length);
            }
        }
        return radii;
    }

    /** Squared, and exactly 0 for what rounding alone keeps apart. */
    private static Tensor distances(Tensor x, Tensor all, Tensor squares) { // [n, D], [M, D], [M]
        Tensor scale = x.square().sum(new long[] {1}).unsqueeze(1).add(squares); // [n, M]
        Tensor distances = scale.sub(x.matmul(all.t()).mul(new Scalar(2.0)));
        return torch.where(
                distances.gt(scale.mul(new Scalar(ROUNDING))), distances, torch.zeros_like(distances)); // [n, M]
    }
}
