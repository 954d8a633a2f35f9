package dev.fovea.models.classifier;

import dev.fovea.config.Default;
import dev.fovea.config.TypeKey;
import dev.fovea.config.TypeName;
import dev.fovea.data.DataConfig;
import dev.fovea.image.Step;
import dev.fovea.models.vit.ModelConfig;
import dev.fovea.models.vmoe.MoeConfig;
import dev.fovea.models.vmoe.VmoeConfig;
import dev.fovea.optim.OptimConfig;
import dev.fovea.train.PictureRun;
import dev.fovea.train.TrainConfig;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole training run of a classifier: what a file in {@code configs/} holds.
 *
 * @param augment from a decoded picture to the network's input in training
 * @param preprocess the same in evaluation and use
 * @param labelSmoothing share of the label spread over all classes
 * @param mixup parameter of the Beta distribution that pictures are mixed by, 0 for none
 * @param loss a softmax over the classes, or a sigmoid each
 * @param init a model folder or checkpoint to begin from: its encoder, with a head of this run's own
 * @param evalBatch pictures a batch in evaluation
 * @param moe experts in place of some MLPs, for a V-MoE; absent for a dense network
 * @param headBias what the head's fresh biases are: -10 for many independent yes-or-no classes; of a V-MoE alone
 */
@TypeKey("system")
@TypeName("classifier")
public record ClassifierConfig(
        ModelConfig model,
        DataConfig data,
        List<Step> augment,
        List<Step> preprocess,
        OptimConfig optim,
        TrainConfig train,
        @Default("0") double labelSmoothing,
        @Default("0") double mixup,
        @Default("softmax") LossKind loss,
        @Nullable Path init,
        @Default("200") int evalBatch,
        @Nullable MoeConfig moe,
        @Default("0") double headBias)
        implements PictureRun.Config {

    /** What turns logits and labels into a number. */
    public enum LossKind {
        SOFTMAX,
        SIGMOID
    }

    public ClassifierConfig {
        augment = List.copyOf(augment);
        preprocess = List.copyOf(preprocess);
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException(
                    "labelSmoothing: found %s, wanted 0 or more and less than 1".formatted(labelSmoothing));
        }
        if (moe == null && headBias != 0) {
            throw new IllegalArgumentException("headBias: found %s without a moe section".formatted(headBias));
        }
        if (!(mixup >= 0)) {
            throw new IllegalArgumentException("mixup: found %s, wanted 0 or more".formatted(mixup));
        }
    }

    /** The network with experts for so many classes; null where it has none. */
    @Nullable
    VmoeConfig toVmoe(int numClasses) {
        return moe == null ? null : VmoeConfig.of(model.toVit(numClasses), moe).withHeadBias(headBias);
    }
}
