package dev.fovea.models.siglip;

import dev.fovea.config.Default;
import dev.fovea.config.TypeKey;
import dev.fovea.config.TypeName;
import dev.fovea.data.DataConfig;
import dev.fovea.image.Step;
import dev.fovea.models.vit.ModelConfig;
import dev.fovea.optim.OptimConfig;
import dev.fovea.train.PictureRun;
import dev.fovea.train.TrainConfig;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole training run of two towers on pictures and their texts.
 *
 * @param vision the picture tower; its pooled vector is the embedding
 * @param text the text tower
 * @param textColumn which of the data's texts goes with the picture; absent: {@code text}, {@code caption} or {@code suffix},
 *     the first there is
 * @param augment from a decoded picture to the network's input in training
 * @param preprocess the same in evaluation and use
 * @param loss a yes or no of each pair (arXiv 2303.15343), or the right one among the batch (arXiv 2103.00020)
 * @param init a model folder of two towers of these sizes to begin from
 * @param evalBatch pictures a batch in evaluation
 */
@TypeKey("system")
@TypeName("siglip")
public record ContrastiveConfig(
        ModelConfig vision,
        TextSection text,
        DataConfig data,
        @Nullable String textColumn,
        List<Step> augment,
        List<Step> preprocess,
        OptimConfig optim,
        TrainConfig train,
        @Default("sigmoid") LossKind loss,
        @Nullable Path init,
        @Default("100") int evalBatch)
        implements PictureRun.Config {

    /** How pairs are told apart. */
    public enum LossKind {
        SIGMOID,
        SOFTMAX
    }

    /**
     * Sizes of the text tower.
     *
     * @param tokenizer a published SigLIP folder whose vocabulary is used; absent: the bytes of the text
     * @param maxLength longest text in tokens
     */
    public record TextSection(
            @Nullable Path tokenizer, @Default("64") int maxLength, int width, int depth, int mlpDim, int numHeads) {}

    public ContrastiveConfig {
        augment = List.copyOf(augment);
        preprocess = List.copyOf(preprocess);
    }
}
