package dev.fovea.models.classifier;

import dev.fovea.data.ImageBatch;
import dev.fovea.eval.PictureEncoder;
import dev.fovea.models.classifier.ClassifierConfig.LossKind;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Tensors;
import dev.fovea.train.Loss;
import dev.fovea.train.Losses;
import dev.fovea.train.Objective;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/** Cross-entropy of a batch of labelled pictures. */
public record ClassifierObjective(Network model, LossKind kind, int numClasses) implements Objective<ImageBatch> {

    @Override
    public Loss loss(ImageBatch batch, boolean train) {
        Tensor pixels = PictureEncoder.pixels(batch); // [B, H, W, C]
        Network.Trained out = train ? model.train(pixels) : new Network.Trained(model.logits(pixels), 1, null);
        Tensor task = task(batch, out).mean();
        return out.auxiliary() == null
                ? Loss.of(task)
                : new Loss(task.add(out.auxiliary()), terms(task, out.auxiliary()));
    }

    private static Map<String, Tensor> terms(Tensor task, Tensor auxiliary) {
        var terms = new LinkedHashMap<String, Tensor>();
        terms.put("task", task);
        terms.put("auxiliary", auxiliary);
        return terms;
    }

    private Tensor task(ImageBatch batch, Network.Trained out) {
        Tensor logits = out.logits(); // [B·M, K]
        return switch (kind) {
            case SOFTMAX ->
                batch.targets() == null
                        ? Losses.softmaxXent(logits, repeated(labels(batch), out.members()))
                        : Losses.softmaxXent(logits, repeated(targets(batch), out.members()), 1);
            case SIGMOID -> Losses.sigmoidXent(logits, repeated(targets(batch), out.members()));
        };
    }

    /** Each member of an ensemble learns the same. */
    private static Tensor repeated(Tensor wanted, int members) { // [B, ...]
        return members == 1
                ? wanted
                : wanted.repeat_interleave(members, new LongOptional(0), new LongOptional()); // [B·M, ...]
    }

    private static Tensor labels(ImageBatch batch) {
        return Engine.toDevice(Tensors.of(batch.labels(), batch.size())); // int64 [B]
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
