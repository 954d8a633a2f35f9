package dev.fovea.models.classifier;

import dev.fovea.data.ImageBatch;
import dev.fovea.data.ImageBatches;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.ClassificationMetrics;
import dev.fovea.eval.Evaluator;
import dev.fovea.image.Preprocess;
import dev.fovea.models.vit.Vit;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.SequencedMap;
import org.bytedeco.pytorch.AutoGradMode;

/**
 * Top-1 and top-5 accuracy, cross-entropy, calibration error and confusion of a classifier on one split, every example
 * once.
 */
public record ClassifierEvaluation(Vit model, ImageDataset data, Preprocess preprocess, int batchSize, LoadOptions load)
        implements Evaluator {

    /**
     * What the network said of each example.
     *
     * @param metrics all scores and the confusion
     * @param predicted class of the highest probability, by example; -1 for a picture that was skipped
     * @param confidence that probability
     * @param labels the true class, by example; -1 where there is none
     */
    public record Result(ClassificationMetrics metrics, int[] predicted, double[] confidence, int[] labels) {}

    @Override
    public SequencedMap<String, Double> evaluate() {
        return run().metrics().toMap();
    }

    /** All scores, and what was said of each example. */
    public Result run() {
        int numClasses = model.config().numClasses();
        var metrics = new ClassificationMetrics(numClasses);
        int size = Math.toIntExact(data.size());
        var result = new Result(metrics, new int[size], new double[size], new int[size]);
        Arrays.fill(result.predicted, -1);
        Arrays.fill(result.labels, -1);
        try (var batches = ImageBatches.evaluation(data, preprocess, batchSize, load)) {
            for (long step = 0; step < batches.steps(); step++) {
                try (var _ = new Scope();
                        var _ = new AutoGradMode(false)) {
                    ImageBatch batch = batches.at(step);
                    float[] logits = Tensors.toFloats(model.forward(ClassifierObjective.pixels(batch))); // [B, K]
                    take(batch, Arrays.copyOf(logits, batch.valid() * numClasses), result);
                }
            }
        }
        return result;
    }

    private void take(ImageBatch batch, float[] logits, Result result) {
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
