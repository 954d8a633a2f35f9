package dev.fovea.eval;

import dev.fovea.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The Fréchet distance between Gaussians fitted to two sets of features (arXiv 1706.08500, eq. 6):
 * |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½). With the features of the published Inception network it is the FID; with those of
 * another network it can be compared only with distances in the same features, and always only for equal numbers of pictures.
 */
public final class FrechetDistance {

    private static final int BLOCK = 1 << 22;

    private FrechetDistance() {}

    /**
     * Between two sets, with covariances of n − 1, in float64.
     *
     * @throws IllegalArgumentException for fewer than two vectors in a set, or unequal widths
     */
    public static double of(Features a, Features b) {
        a.expectWidth(b);
        try (var _ = new Scope()) {
            Gaussian first = Gaussian.of(a);
            Gaussian second = Gaussian.of(b);
            double means = first.mean.sub(second.mean).square().sum().item_double();
            double traces = first.covariance.trace().item_double()
                    + second.covariance.trace().item_double();
            // The eigenvalues of Σ₁Σ₂ are the squared singular values of Σ₁^½ Σ₂^½, which keep their accuracy near
            // zero.
            Tensor root = squareRoot(first.covariance).matmul(squareRoot(second.covariance));
            double shared = torch.linalg_svdvals(root).sum().item_double();
            return Math.max(0, means + traces - 2 * shared); // rounding may fall below
        }
    }

    /** The symmetric square root of a symmetric matrix without negative eigenvalues but for rounding. */
    static Tensor squareRoot(Tensor symmetric) { // [D, D]
        T_TensorTensor_T solved = torch.linalg_eigh(symmetric, "L");
        Tensor vectors = solved.get1();
        return vectors.mul(solved.get0().clamp_min(new Scalar(0.0)).sqrt()).matmul(vectors.t()); // [D, D]
    }

    private record Gaussian(Tensor mean, Tensor covariance) { // float64 [D], [D, D]

        static Gaussian of(Features x) {
            int n = x.size();
            if (n < 2) {
                throw new IllegalArgumentException("%d vectors: a covariance takes at least 2".formatted(n));
            }
            int rows = Math.max(1, BLOCK / x.width());
            Tensor sum = torch.zeros(new long[] {x.width()}, x.rows(0, 1).options());
            for (int from = 0; from < n; from += rows) {
                try (var scope = new Scope()) {
                    sum = scope.keep(
                            sum.add(x.rows(from, Math.min(n, from + rows)).sum(new long[] {0})));
                }
            }
            Tensor mean = sum.div(new Scalar((double) n));
            Tensor squares = torch.zeros(new long[] {x.width(), x.width()}, mean.options());
            for (int from = 0; from < n; from += rows) {
                try (var scope = new Scope()) {
                    Tensor centred = x.rows(from, Math.min(n, from + rows)).sub(mean); // [n, D]
                    squares = scope.keep(squares.add(centred.t().matmul(centred)));
                }
            }
            return new Gaussian(mean, squares.div(new Scalar(n - 1.0)));
        }
    }
}
