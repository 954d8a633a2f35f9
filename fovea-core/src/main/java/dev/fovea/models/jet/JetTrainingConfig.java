package dev.fovea.models.jet;

import dev.fovea.config.Default;
import dev.fovea.config.TypeKey;
import dev.fovea.config.TypeName;
import dev.fovea.data.DataConfig;
import dev.fovea.image.Step;
import dev.fovea.optim.OptimConfig;
import dev.fovea.train.PictureRun;
import dev.fovea.train.TrainConfig;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole training run of a Jet: what a file in {@code configs/} with {@code system: jet} holds.
 *
 * @param augment from a decoded picture to the flow's input in training; to end in [−1, 1] at 8-bit steps
 * @param preprocess the same in evaluation and use
 * @param contextDrop probability that a training step sees no context, where the model has one
 * @param reversible backward from activations that the inverse gives back: less memory, and each network runs three
 *     times forward instead of once
 * @param init a model folder to begin from, of the same sizes
 * @param evalBatch pictures a batch in evaluation
 * @param evalExamples at most so many pictures of the evaluation split, the first ones
 * @param evalDraws dequantisation draws a picture in evaluation
 * @param samples pictures of the sample grid, drawn at every evaluation; 0 for none
 * @param temperature standard deviation of the latents that the grid is drawn from
 */
@TypeKey("system")
@TypeName("jet")
public record JetTrainingConfig(
        JetConfig model,
        DataConfig data,
        List<Step> augment,
        List<Step> preprocess,
        OptimConfig optim,
        TrainConfig train,
        @Default("0.1") double contextDrop,
        @Default("false") boolean reversible,
        @Nullable Path init,
        @Default("128") int evalBatch,
        @Nullable Long evalExamples,
        @Default("1") int evalDraws,
        @Default("36") int samples,
        @Default("1") double temperature)
        implements PictureRun.Config {

    public JetTrainingConfig {
        augment = List.copyOf(augment);
        preprocess = List.copyOf(preprocess);
        if (!(contextDrop >= 0 && contextDrop <= 1)) {
            throw new IllegalArgumentException("contextDrop: found %s, wanted 0 to 1".formatted(contextDrop));
        }
        if (evalBatch < 1 || evalDraws < 1 || samples < 0 || !(temperature > 0)) {
            throw new IllegalArgumentException(
                    "evalBatch %d, evalDraws %d, samples %d, temperature %s: wanted at least 1, 1 and 0, and more than 0"
                            .formatted(evalBatch, evalDraws, samples, temperature));
        }
    }
}
