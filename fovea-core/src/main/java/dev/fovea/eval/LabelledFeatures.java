package dev.fovea.eval;

import dev.fovea.data.ImageBatch;
import dev.fovea.data.ImageBatches;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.AutoGradMode;

/**
 * What an encoder makes of the pictures of a split, in their order; pictures that were skipped as broken are missing.
 *
 * @param labels class of each picture, -1 where it has none
 * @param examples which example of the split each is
 */
public record LabelledFeatures(Features features, int[] labels, long[] examples) {

    public LabelledFeatures {
        features.expectLabels(labels);
    }

    /** Every picture of a split once. */
    public static LabelledFeatures of(PictureEncoder encoder, ImageDataset data, int batchSize, LoadOptions load) {
        int size = Math.toIntExact(data.size());
        var rows = new float[size][];
        var labels = new int[size];
        var examples = new long[size];
        int count = 0;
        try (var batches = ImageBatches.evaluation(data, encoder.pipeline(), batchSize, load)) {
            for (long step = 0; step < batches.steps(); step++) {
                ImageBatch batch = batches.at(step);
                float[][] vectors = encode(encoder, batch); // [B][D]
                for (int i = 0; i < batch.valid(); i++) {
                    rows[count] = vectors[i];
                    labels[count] = batch.labels()[i];
                    examples[count++] = batch.indices()[i];
                }
            }
        }
        return new LabelledFeatures(
                Features.of(Arrays.copyOf(rows, count)), Arrays.copyOf(labels, count), Arrays.copyOf(examples, count));
    }

    private static float[][] encode(PictureEncoder encoder, ImageBatch batch) {
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            return Tensors.toRows(encoder.encode(PictureEncoder.pixels(batch)));
        }
    }
}
