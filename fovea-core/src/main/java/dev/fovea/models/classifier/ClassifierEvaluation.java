package dev.fovea.models.classifier;

import dev.fovea.data.ImageBatch;
import dev.fovea.data.ImageBatches;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.ClassificationMetrics;
import dev.fovea.eval.Evaluator;
import dev.fovea.eval.PictureEncoder;
import dev.fovea.image.Preprocess;
import dev.fovea.models.vmoe.Compute;
import dev.fovea.models.vmoe.Usage;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.SequencedMap;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;

/**
 * Top-1 and top-5 accuracy, cross-entropy, calibration error and confusion of a classifier on one split, every example
 * once.
 */
public record ClassifierEvaluation(
        Network model, ImageDataset data, Preprocess preprocess, int batchSize, LoadOptions load) implements Evaluator {

    /**
     * What the network said of each example.
     *
     * @param metrics all scores and the confusion
     * @param predicted class of the highest probability, by example; -1 for a picture that was skipped
     * @param confidence that probability
     * @param labels the true class, by example; -1 where there is none
     * @param compute multiply-adds of a picture, a mean
     * @param usage of its experts; none where it has none
     * @param secondsAnImage time of the forward pass alone
     */
    public record Result(
            ClassificationMetrics metrics,
            int[] predicted,
            double[] confidence,
            int[] labels,
            Compute compute,
            Usage usage,
            double secondsAnImage) {}

    /** What is gathered by example. */
    private record Said(ClassificationMetrics metrics, int[] predicted, double[] confidence, int[] labels) {}

    @Override
    public SequencedMap<String, Double> evaluate() {
        return run().metrics().toMap();
    }

    /** All scores, and what was said of each example. */
    public Result run() {
        int numClasses = model.config().numClasses();
        var metrics = new ClassificationMetrics(numClasses);
        int size = Math.toIntExact(data.size());
        var said = new Said(metrics, new int[size], new double[size], new int[size]);
        Arrays.fill(said.predicted, -1);
        Arrays.fill(said.labels, -1);
        Usage usage = Usage.NONE;
        long nanos = 0;
        long timed = 0;
        try (var batches = ImageBatches.evaluation(data, preprocess, batchSize, load)) {
            for (long step = 0; step < batches.steps(); step++) {
                try (var _ = new Scope();
                        var _ = new AutoGradMode(false)) {
                    ImageBatch batch = batches.at(step);
                    Tensor real = PictureEncoder.pixels(batch).narrow(0, 0, batch.valid()); // [B, H, W, C]
                    long start = System.nanoTime();
                    Network.Evaluated out = model.evaluate(real);
                    float[] logits = Tensors.toFloats(out.logits()); // [B, K]
                    if (step > 0 || batches.steps() == 1) { // the first batch warms up
                        nanos += System.nanoTime() - start;
                        timed += batch.valid();
                    }
                    usage = usage.plus(out.usage());
                    take(batch, logits, said);
                }
            }
        }
        return new Result(
                metrics,
                said.predicted,
                said.confidence,
                said.labels,
                model.compute(usage),
                usage,
                timed == 0 ? Double.NaN : nanos / 1e9 / timed);
    }

    private void take(ImageBatch batch, float[] logits, Said result) {
        result.metrics.add(logits, Arrays.copyOf(batch.labels(), batch.valid()));
        int numClasses = model.config().numClasses();
        for (int row = 0; row < batch.valid(); row++) {
            int best = 0;
            for (int k = 1; k < numClasses; k++) {
                if (logits[row * numClasses + k] > logits[row * numClasses + best]) {
                    best = k;
                }
            }
            double sum = 0;
            for (int k = 0; k < numClasses; k++) {
                sum += Math.exp((double) logits[row * numClasses + k] - logits[row * numClasses + best]);
            }
            int example = Math.toIntExact(batch.indices()[row]);
            result.predicted[example] = best;
            result.confidence[example] = 1 / sum;
            result.labels[example] = batch.labels()[row];
        }
    }
}
