package dev.fovea.cli;

import dev.fovea.eval.PictureEncoder;
import dev.fovea.models.classifier.Classifier;
import dev.fovea.models.inception.Inception;
import dev.fovea.models.siglip.SiglipModel;
import java.nio.file.Path;

/** Models that make vectors of pictures. */
final class Encoders {

    private Encoders() {}

    static PictureEncoder open(Path model) {
        if (Inception.isInception(model)) {
            return Inception.open(model);
        }
        return SiglipModel.isSiglip(model) ? SiglipModel.open(model) : Classifier.open(model);
    }

    /** Both towers, for what needs texts too. */
    static SiglipModel openTowers(Path model) {
        if (!SiglipModel.isSiglip(model)) {
            throw new Failure("%s: wanted a SigLIP model, which knows texts and pictures".formatted(model));
        }
        return SiglipModel.open(model);
    }
}
