package dev.fovea.cli;

import dev.fovea.data.DataConfig;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.models.siglip.SiglipModel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Retrieval of pictures by texts and of texts by pictures. */
@Command(
        name = "retrieval",
        mixinStandardHelpOptions = true,
        description = "Recall@1, 5 and 10 of texts by their pictures and of pictures by their texts.",
        footerHeading = "%nExamples:%n",
        footer = {"  fovea retrieval siglip-base/ --data ../shared/data/coco_captions --split test"})
final class Retrieve implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Option(names = "--data", required = true, paramLabel = "PATH", description = "pictures with texts")
    private Path data = Path.of("");

    @Option(names = "--split", paramLabel = "NAME", description = "part of the data; chosen by the data unless given")
    private @Nullable String split;

    @Option(
            names = "--text-column",
            paramLabel = "NAME",
            description = "which of the data's texts; text, caption, suffix or txt unless given")
    private @Nullable String textColumn;

    @Option(names = "--batch", defaultValue = "100", paramLabel = "N", description = "pictures a batch")
    private int batch;

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        DataConfig config = DataConfig.of(data);
        ImageDataset pairs = Datasets.openEval(split == null ? config : config.withEvalSplit(split));
        try (SiglipModel towers = Encoders.openTowers(model.model)) {
            Output.metrics(
                    spec,
                    towers.retrieval(pairs, textColumn, batch, config.load()).evaluate(),
                    json);
        }
        return 0;
    }
}
