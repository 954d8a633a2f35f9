package dev.fovea.models.jetformer;

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
 * A whole training run of a JetFormer: what a file in {@code configs/} with {@code system: jetformer} holds.
 *
 * @param model its vocabulary and special ids come from the data
 * @param texts what the text of a picture is: its class, or words beside it
 * @param textColumn which text goes with the picture, where texts are words
 * @param pcaFile components of patches in scikit-learn's names, for a model with {@code pca}
 * @param augment from a decoded picture to [−1, 1] at 8-bit steps, in training
 * @param preprocess the same in evaluation and use
 * @param loss what is minimised
 * @param evalBatch pictures a batch in evaluation
 * @param evalDraws draws of dequantisation noise a picture in evaluation
 * @param evalExamples at most so many pictures of the evaluation split, the first ones
 * @param samples pictures of the sample grid, drawn at every evaluation; 0 for none
 * @param guidance w of the samples
 * @param temperature of the samples' densities
 */
@TypeKey("system")
@TypeName("jetformer")
public record JetFormerTrainingConfig(
        JetFormerConfig model,
        @Default("classes") Vocabulary.Kind texts,
        @Default(JetFormerTrainingConfig.TEXT_COLUMN) String textColumn,
        @Nullable Path pcaFile,
        DataConfig data,
        List<Step> augment,
        List<Step> preprocess,
        @Default("{}") LossConfig loss,
        OptimConfig optim,
        TrainConfig train,
        @Default("64") int evalBatch,
        @Default("1") int evalDraws,
        @Nullable Long evalExamples,
        @Default("20") int samples,
        @Default("2") double guidance,
        @Default("0.95") double temperature)
        implements PictureRun.Config {

    static final String TEXT_COLUMN = "caption";

    public JetFormerTrainingConfig {
        augment = List.copyOf(augment);
        preprocess = List.copyOf(preprocess);
        if (model.vocabSize() != 0) {
            throw new IllegalArgumentException(
                    "model.vocabSize: found %d; the data's vocabulary decides".formatted(model.vocabSize()));
        }
        if (evalBatch < 1 || evalDraws < 1 || samples < 0 || !(guidance >= 0) || !(temperature > 0)) {
            throw new IllegalArgumentException(
                    "evalBatch %d, evalDraws %d, samples %d, guidance %s, temperature %s: wanted at least 1, 1, 0 and 0, and more than 0"
                            .formatted(evalBatch, evalDraws, samples, guidance, temperature));
        }
        if ((pcaFile == null) != (model.pca() == null)) {
            throw new IllegalArgumentException("model.pca and pcaFile: wanted both or neither");
        }
    }
}
