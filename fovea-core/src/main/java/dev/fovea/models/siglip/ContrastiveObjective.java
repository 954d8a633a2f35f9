package dev.fovea.models.siglip;

import static java.util.Objects.requireNonNull;

import dev.fovea.data.ImageBatch;
import dev.fovea.eval.PictureEncoder;
import dev.fovea.models.siglip.ContrastiveConfig.LossKind;
import dev.fovea.tensor.Engine;
import dev.fovea.train.Loss;
import dev.fovea.train.Losses;
import dev.fovea.train.Objective;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Contrast of the pictures and texts of a batch. */
public record ContrastiveObjective(Siglip model, Captions captions, LossKind kind) implements Objective<ImageBatch> {

    @Override
    public Loss loss(ImageBatch batch, boolean train) {
        Tensor images = model.embedImages(PictureEncoder.pixels(batch)); // [B, E]
        Tensor texts = model.embedTexts(Engine.toDevice(captions.ids(batch))); // [B, E]
        Tensor scale = model.scale().exp(); // [1]
        return switch (kind) {
            case SIGMOID ->
                new Loss(
                        Losses.sigmoidContrast(images, texts, scale, requireNonNull(model.bias()))
                                .mean(),
                        Map.of("scale", scale.detach().squeeze()));
            case SOFTMAX -> {
                Losses.Contrast contrast = Losses.softmaxContrast(images, texts, scale, null);
                yield new Loss(
                        contrast.loss().mean(),
                        Map.of(
                                "scale", scale.detach().squeeze(),
                                "correct",
                                        contrast.correct().to(ScalarType.Float).mean()));
            }
        };
    }
}
