package dev.fovea.train;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Training losses, one value an example; the caller takes the mean. Labels are ids where the signature says so, else
 * vectors of probabilities (mixup, distillation), which need not add up to 1.
 */
public final class Losses {

    private static final long NO_REDUCTION = 0;
    private static final long MEAN = 1;
    private static final long IGNORED = -100;
    private static final double LOG_FLOOR = 1e-8;
    private static final double SMALLEST_WEIGHT = 2e-38;

    private Losses() {}

    /** Softmax cross-entropy with class ids. */
    public static Tensor softmaxXent(Tensor logits, Tensor labels) { // [B, K], int64 [B]
        return smoothedXent(logits, labels, 0); // [B]
    }

    /**
     * Softmax cross-entropy with class ids, of which {@code smoothing} is spread evenly over all K classes (arXiv
     * 1512.00567, section 7).
     */
    public static Tensor smoothedXent(Tensor logits, Tensor labels, double smoothing) { // [B, K], int64 [B]
        return torch.cross_entropy_loss(logits, labels, new TensorOptional(), NO_REDUCTION, IGNORED, smoothing); // [B]
    }

    /**
     * Mean cross-entropy of each token given those before it: the logits at t against the label at t + 1, over all labels
     * that are not -100.
     */
    public static Tensor nextTokenXent(Tensor logits, Tensor labels) { // [B, T, V], int64 [B, T]
        long steps = labels.size(1) - 1;
        return torch.cross_entropy_loss(
                logits.narrow(1, 0, steps).flatten(0, 1).to(ScalarType.Float),
                labels.narrow(1, 1, steps).flatten(0, 1),
                new TensorOptional(),
                MEAN,
                IGNORED,
                0); // []
    }

    /** Softmax cross-entropy with label vectors, −Σ y log softmax(x) over {@code axis}. */
    public static Tensor softmaxXent(Tensor logits, Tensor labels, long axis) { // [B, K] each, K at axis
        return logits.log_softmax(axis).mul(labels).sum(axis).neg(); // [B]
    }

    /** The same less the labels' entropy: the Kullback-Leibler divergence where labels are probabilities. */
    public static Tensor softmaxKl(Tensor logits, Tensor labels, long axis) { // [B, K] each, K at axis
        Tensor entropy = labels.clamp_min(new Scalar(LOG_FLOOR))
                .log()
                .mul(labels)
                .sum(axis)
                .neg(); // [B]
        return softmaxXent(logits, labels, axis).sub(entropy); // [B]
    }

    /**
     * Sigmoid cross-entropy, summed over the classes: −Σ y log σ(x) + (1 − y) log σ(−x). Both logarithms, not one and a
     * difference: a head of 21k classes at logits near −10 would lose the loss in rounding.
     */
    public static Tensor sigmoidXent(Tensor logits, Tensor labels) { // [B, K], [B, K]
        Tensor yes = torch.log_sigmoid(logits).mul(labels); // [B, K]
        Tensor no = torch.log_sigmoid(logits.neg()).mul(labels.neg().add(new Scalar(1.0))); // [B, K]
        return yes.add(no).sum(-1).neg(); // [B]
    }

    /**
     * Token cross-entropy of each sequence, weighted. Smoothing gives {@code smoothing} / (V − 1) to each other token.
     *
     * @param weights weight of each token; null for 1
     * @param normalize divides by the sequence's sum of weights; a sequence without any counts as 0
     */
    public static Tensor weightedSoftmaxXent( // [B, T, V], int64 [B, T], [B, T]
            Tensor logits, Tensor labels, @Nullable Tensor weights, double smoothing, boolean normalize) {
        long vocabSize = logits.size(-1);
        double other = smoothing / (vocabSize - 1);
        Tensor logP = logits.log_softmax(-1); // [B, T, V]
        Tensor loss =
                logP.gather(-1, labels.unsqueeze(-1)).squeeze(-1).mul(new Scalar(1 - smoothing - other)); // [B, T]
        if (smoothing != 0) {
            loss = loss.add(logP.sum(-1), new Scalar(other));
        }
        Tensor perSequence = (weights == null ? loss : loss.mul(weights)).sum(1).neg(); // [B]
        if (!normalize) {
            return perSequence;
        }
        return weights == null
                ? perSequence.div(new Scalar((double) labels.size(1)))
                : perSequence.div(weights.sum(1).clamp_min(new Scalar(SMALLEST_WEIGHT))); // [B]
    }

    /**
     * Kullback-Leibler divergence of the teacher's predictions from the student's at a temperature, times its square so
     * that gradients keep their size (arXiv 1503.02531).
     */
    public static Tensor distillation(Tensor student, Tensor teacher, double temperature) { // [B, K], [B, K]
        Tensor wanted = teacher.detach().div(new Scalar(temperature)).log_softmax(-1); // [B, K]
        Tensor found = student.div(new Scalar(temperature)).log_softmax(-1); // [B, K]
        return wanted.exp().mul(wanted.sub(found)).sum(-1).mul(new Scalar(temperature * temperature)); // [B]
    }

    /**
     * Softmax contrast of images and texts (arXiv 2103.00020).
     *
     * @param loss mean of both directions' cross-entropy, one value a pair; 0 at masked pairs
     * @param correct whether an image's own text is the nearest
     */
    public record Contrast(Tensor loss, Tensor correct) {} // [B], bool [B]

    /**
     * Two-way softmax contrast of unit vectors.
     *
     * @param t factor of the similarities, not its logarithm
     * @param mask 1 for pairs that count; the others are neither rows nor columns; null for all
     */
    public static Contrast softmaxContrast(
            Tensor zimg, Tensor ztxt, Tensor t, @Nullable Tensor mask) { // [B, D], [B, D], [], [B]
        Tensor logits = zimg.matmul(ztxt.t()).mul(t); // [B, B]
        Tensor counts = mask == null ? null : mask.ne(new Scalar(0L)); // [B]
        if (counts != null) {
            Tensor left = counts.logical_not(); // [B]
            logits = logits.masked_fill(
                    left.unsqueeze(1).logical_or(left.unsqueeze(0)), new Scalar(Double.NEGATIVE_INFINITY));
        }
        Tensor toText = logits.log_softmax(1).diagonal(); // [B]
        Tensor toImage = logits.log_softmax(0).diagonal(); // [B]
        Tensor loss = toText.add(toImage).mul(new Scalar(-0.5)); // [B]
        if (counts != null) {
            loss = loss.masked_fill(counts.logical_not(), new Scalar(0.0));
        }
        Tensor own = torch.arange(
                new Scalar(logits.size(0)), logits.options().dtype(new ScalarTypeOptional(ScalarType.Long)));
        return new Contrast(
                loss, logits.detach().argmax(new LongOptional(1), false).eq(own));
    }

    /**
     * Sigmoid contrast of unit vectors (arXiv 2303.15343): every pair is its own yes-or-no question. Summed over the
     * texts, one value an image.
     *
     * @param t factor of the similarities, not its logarithm
     * @param b bias
     */
    public static Tensor sigmoidContrast(Tensor zimg, Tensor ztxt, Tensor t, Tensor b) { // [B, D], [B, D], [], []
        Tensor logits = zimg.matmul(ztxt.t()).mul(t).add(b); // [B, B]
        Tensor signs =
                torch.eye(logits.size(0), logits.options()).mul(new Scalar(2.0)).sub(new Scalar(1.0)); // [B, B]
        return torch.log_sigmoid(logits.mul(signs)).sum(1).neg(); // [B]
    }

    /**
     * The mean of {@link #sigmoidContrast} over the batch, {@code block} texts at a time, so that a large batch does not
     * hold all its pairs in memory.
     */
    public static Tensor sigmoidContrastMean( // [B, D], [B, D], [], []
            Tensor zimg, Tensor ztxt, Tensor t, Tensor b, long block) {
        return BlockedContrast.mean(zimg, ztxt, t, b, block); // []
    }
}
