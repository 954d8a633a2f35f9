package dev.fovea.eval;

import static org.bytedeco.pytorch.global.torch.ScalarType.Double;
import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.linalg_eigh;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;

/**
 * Ridge regression from standardised features to targets of 2·onehot − 1, solved in closed form in float64: the few-shot
 * probe of big_vision. One eigendecomposition, of XᵀX where there are as many examples as columns and of XXᵀ otherwise,
 * serves every strength λ: w = Q (Λ + λ)⁻¹ QᵀXᵀY, or XᵀQ (Λ + λ)⁻¹ QᵀY.
 */
public final class LeastSquaresProbe {

    /** Rows of test features that are scored at once. */
    private static final int CHUNK = 4096;

    private final Settings settings;
    private final int width;
    private final int numClasses;
    private final double[] mean;
    private final double[] std;
    private final double[] eigenvalues;
    private final double[] left;
    private final double[] right;

    /**
     * @param biasConstant value of the column appended after standardising: so large that its weight, the bias, goes
     *     nearly without penalty
     * @param stdEpsilon added to the standard deviations
     */
    public record Settings(double biasConstant, double stdEpsilon) {

        /** As published. */
        public static final Settings DEFAULT = new Settings(100, 1e-5);
    }

    private LeastSquaresProbe(Features train, int[] labels, int numClasses, Settings settings) {
        train.expectLabels(labels);
        this.settings = settings;
        this.width = train.width();
        this.numClasses = numClasses;
        try (var _ = new Scope()) {
            Tensor x = train.rows(0, train.size()); // [N, D]
            mean = Tensors.toDoubles(x.mean(0));
            double[] spread = Tensors.toDoubles(x.std(new long[] {0}, false, false));
            std = Arrays.stream(spread).map(s -> s + settings.stdEpsilon).toArray();
            x = standardize(x); // [N, D + 1]
            Tensor y = targets(labels); // [N, C]
            boolean primal = train.size() >= width + 1;
            Tensor xt = x.t();
            T_TensorTensor_T solved = linalg_eigh(primal ? xt.matmul(x) : x.matmul(xt), "L");
            Tensor q = solved.get1();
            eigenvalues = Tensors.toDoubles(solved.get0());
            left = Tensors.toDoubles(primal ? q : xt.matmul(q)); // [D + 1, M]
            right = Tensors.toDoubles(q.t().matmul(primal ? xt.matmul(y) : y)); // [M, C]
        }
    }

    /** A probe of the given examples, with labels {@code 0 .. numClasses - 1}. */
    public static LeastSquaresProbe fit(Features train, int[] labels, int numClasses) {
        return fit(train, labels, numClasses, Settings.DEFAULT);
    }

    /** A probe of the given examples under settings of one's own. */
    public static LeastSquaresProbe fit(Features train, int[] labels, int numClasses, Settings settings) {
        return new LeastSquaresProbe(train, labels, numClasses, settings);
    }

    /** Mean of each feature over the examples, [D]. */
    public double[] mean() {
        return mean.clone();
    }

    /** Population standard deviation of each feature over the examples, its epsilon included, [D]. */
    public double[] std() {
        return std.clone();
    }

    /** Eigenvalues in rising order, [min(N, D + 1)]. */
    public double[] eigenvalues() {
        return eigenvalues.clone();
    }

    /** Weights for a strength, [D + 1, C], the bias column's last. */
    public double[] weights(double l2) {
        try (var _ = new Scope()) {
            return Tensors.toDoubles(solve(l2));
        }
    }

    /** Scores of features for a strength, [N, C]. */
    public double[] scores(Features test, double l2) {
        test.expectWidth(new Features(width, new float[width]));
        var scores = new double[Math.multiplyExact(test.size(), numClasses)];
        try (var _ = new Scope()) {
            Tensor w = solve(l2);
            for (int from = 0; from < test.size(); from += CHUNK) {
                int to = Math.min(from + CHUNK, test.size());
                try (var _ = new Scope()) {
                    double[] part =
                            Tensors.toDoubles(standardize(test.rows(from, to)).matmul(w));
                    System.arraycopy(part, 0, scores, from * numClasses, part.length);
                }
            }
        }
        return scores;
    }

    /** The class of the highest score, the first one among equals, [N]. */
    public int[] predict(Features test, double l2) {
        double[] scores = scores(test, l2);
        var classes = new int[test.size()];
        for (int i = 0; i < classes.length; i++) {
            int row = i * numClasses;
            for (int c = 1; c < numClasses; c++) {
                if (scores[row + c] > scores[row + classes[i]]) {
                    classes[i] = c;
                }
            }
        }
        return classes;
    }

    /** Share of test examples whose predicted class is their label. */
    public double accuracy(Features test, int[] labels, double l2) {
        test.expectLabels(labels);
        int[] predicted = predict(test, l2);
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += predicted[i] == labels[i] ? 1 : 0;
        }
        return (double) right / labels.length;
    }

    private Tensor solve(double l2) { // [D + 1, C]
        double[] scaling = Arrays.stream(eigenvalues).map(e -> 1 / (e + l2)).toArray();
        Tensor scaled = Tensors.of(left, width + 1, scaling.length).mul(Tensors.of(scaling, 1, scaling.length));
        return scaled.matmul(Tensors.of(right, scaling.length, numClasses));
    }

    private Tensor standardize(Tensor x) { // [N, D] to [N, D + 1]
        Tensor z = x.sub(Tensors.of(mean, 1, width)).div(Tensors.of(std, 1, width));
        return constant_pad_nd(z, new long[] {0, 1}, new Scalar(settings.biasConstant));
    }

    private Tensor targets(int[] labels) {
        var y = new double[Math.multiplyExact(labels.length, numClasses)];
        Arrays.fill(y, -1);
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= numClasses) {
                throw new IllegalArgumentException(
                        "label %d of example %d, there are %d classes".formatted(labels[i], i, numClasses));
            }
            y[i * numClasses + labels[i]] = 1;
        }
        return Tensors.of(y, labels.length, numClasses).to(Double);
    }
}
