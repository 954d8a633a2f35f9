package dev.fovea.cli;

import dev.fovea.data.ImageDataset;
import dev.fovea.eval.FewShot;
import dev.fovea.eval.LabelledFeatures;
import dev.fovea.eval.PictureEncoder;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The few-shot linear probe. */
@Command(
        name = "fewshot",
        mixinStandardHelpOptions = true,
        description = "Accuracy of a least-squares probe on a model's vectors, from a few pictures of each class.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea fewshot runs/quickstart --data pictures/",
            "  fovea fewshot siglip-base/ --data ../shared/data/cifar10 --shots 1,5,10 --seeds 5 --json"
        })
final class FewShotProbe implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Mixin
    private LabelledData data = new LabelledData();

    @Option(
            names = "--shots",
            split = ",",
            defaultValue = "1,5,10,25",
            paramLabel = "N",
            description = "pictures of each class (${DEFAULT-VALUE})")
    private List<Integer> shots = List.of();

    @Option(
            names = "--seeds",
            defaultValue = "3",
            paramLabel = "N",
            description = "so many choices of the pictures (${DEFAULT-VALUE})")
    private int seeds;

    @Option(
            names = "--l2",
            defaultValue = "" + FewShot.PUBLISHED_L2,
            paramLabel = "X",
            description = "strength of the regularisation (${DEFAULT-VALUE})")
    private double l2;

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (seeds < 1) {
            throw new Failure("--seeds: found %d, wanted 1 or more".formatted(seeds));
        }
        ImageDataset train = data.train();
        ImageDataset test = data.test();
        try (PictureEncoder encoder = Encoders.open(model.model)) {
            LabelledFeatures known = data.features(encoder, train);
            LabelledFeatures asked = data.features(encoder, test);
            int numClasses = IntStream.concat(Arrays.stream(known.labels()), Arrays.stream(asked.labels()))
                            .max()
                            .orElse(-1)
                    + 1;
            var protocol = new FewShot(
                    known.features(),
                    known.labels(),
                    asked.features(),
                    asked.labels(),
                    numClasses,
                    shots,
                    LongStream.range(0, seeds).boxed().toList(),
                    l2);
            Output.metrics(spec, protocol.evaluate(), json);
        }
        return 0;
    }
}
