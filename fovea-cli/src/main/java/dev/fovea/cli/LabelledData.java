package dev.fovea.cli;

import dev.fovea.data.DataConfig;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.eval.LabelledFeatures;
import dev.fovea.eval.PictureEncoder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The labelled pictures of a protocol that fits on one split and tests on another. */
final class LabelledData {

    @Option(names = "--data", required = true, paramLabel = "PATH", description = "labelled pictures")
    private Path path = Path.of("");

    @Option(names = "--split", defaultValue = "train", paramLabel = "NAME", description = "part that is learnt from")
    private String split = "train";

    @Option(
            names = "--eval-split",
            paramLabel = "NAME",
            description = "part that is tested on; chosen by the data unless given")
    private @Nullable String evalSplit;

    @Option(names = "--batch", defaultValue = "100", paramLabel = "N", description = "pictures a batch")
    private int batch;

    DataConfig config() {
        DataConfig all = DataConfig.of(path).withSplit(split);
        return evalSplit == null ? all : all.withEvalSplit(evalSplit);
    }

    ImageDataset train() {
        return Datasets.open(config());
    }

    ImageDataset test() {
        return Datasets.openEval(config());
    }

    LabelledFeatures features(PictureEncoder encoder, ImageDataset data) {
        LabelledFeatures found = LabelledFeatures.of(encoder, data, batch, config().load());
        for (int label : found.labels()) {
            if (label < 0) {
                throw new Failure("%s: a picture without a label; this needs one for each".formatted(path));
            }
        }
        return found;
    }
}
