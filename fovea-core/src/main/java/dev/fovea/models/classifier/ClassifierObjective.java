package dev.fovea.models.classifier;

import dev.fovea.data.ImageBatch;
import dev.fovea.models.classifier.ClassifierConfig.LossKind;
import dev.fovea.models.vit.Vit;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Tensors;
import dev.fovea.train.Loss;
import dev.fovea.train.Losses;
import dev.fovea.train.Objective;
import org.bytedeco.pytorch.Tensor;

/** Cross-entropy of a batch of labelled pictures. */
public record ClassifierObjective(Vit model, LossKind kind, int numClasses) implements Objective<ImageBatch> {

    @Override
    public Loss loss(ImageBatch batch, boolean train) {
        Tensor logits = model.forward(pixels(batch)); // [B, K]
        Tensor value =
                switch (kind) {
                    case SOFTMAX ->
                        batch.targets() == null
                                ? Losses.softmaxXent(logits, Engine.toDevice(Tensors.of(batch.labels(), batch.size())))
                                        .mean()
                                : Losses.softmaxXent(logits, targets(batch), 1).mean();
                    case SIGMOID -> Losses.sigmoidXent(logits, targets(batch)).mean();
                };
        return Loss.of(value);
    }

    /** The pictures of a batch where the model lives. */
    static Tensor pixels(ImageBatch batch) {
        return Engine.toDevice(Tensors.of(
                batch.pixels(), batch.size(), batch.height(), batch.width(), batch.channels())); // [B, H, W, C]
    }

    private Tensor targets(ImageBatch batch) {
        float[] targets = batch.targets();
        if (targets == null) {
            targets = new float[batch.size() * numClasses];
            for (int i = 0; i < batch.size(); i++) {
                if (batch.labels()[i] >= 0) {
                    targets[i * numClasses + batch.labels()[i]] = 1;
                }
            }
        }
        return Engine.toDevice(Tensors.of(targets, batch.size(), numClasses)); // [B, K]
    }
}
