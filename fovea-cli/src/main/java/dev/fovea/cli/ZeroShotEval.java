package dev.fovea.cli;

import dev.fovea.data.DataConfig;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.eval.ClassificationMetrics;
import dev.fovea.eval.Features;
import dev.fovea.eval.LabelledFeatures;
import dev.fovea.eval.ZeroShot;
import dev.fovea.models.siglip.SiglipModel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Classification by what the classes are called. */
@Command(
        name = "zeroshot",
        mixinStandardHelpOptions = true,
        description = "Classify pictures by the names of the classes alone: scores on labelled pictures, or the best"
                + " fitting of your labels for each picture.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea zeroshot siglip-base/ --data ../shared/data/cifar10",
            "  fovea zeroshot siglip-base/ cat.jpg --labels 'a cat,a dog' --template '{}'"
        })
final class ZeroShotEval implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "IMAGE", description = "picture files, or folders of them")
    private List<Path> images = List.of();

    @Option(names = "--data", paramLabel = "PATH", description = "labelled pictures")
    private @Nullable Path data;

    @Option(names = "--split", paramLabel = "NAME", description = "part of the data; chosen by the data unless given")
    private @Nullable String split;

    @Option(
            names = "--labels",
            split = ",",
            paramLabel = "NAME",
            description = "names of the classes; the data's own unless given")
    private List<String> labels = List.of();

    @Option(
            names = "--template",
            paramLabel = "TEXT",
            defaultValue = "a photo of a {}",
            description = "sentence around a name; may be given several times (${DEFAULT-VALUE})")
    private List<String> templates = List.of();

    @Option(names = "--batch", defaultValue = "100", paramLabel = "N", description = "pictures a batch")
    private int batch;

    @Option(names = "--json", description = "JSON")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    record Fit(String label, double cosine) {}

    record Line(String image, List<Fit> labels) {}

    @Override
    public Integer call() {
        if ((data == null) == images.isEmpty()) {
            throw new Failure("wanted pictures, or labelled ones with --data, and not both");
        }
        try (SiglipModel towers = Encoders.openTowers(model.model)) {
            if (data != null) {
                score(towers, DataConfig.of(data));
            } else if (labels.isEmpty()) {
                throw new Failure("--labels: missing; wanted the names of the classes");
            } else {
                fit(towers);
            }
        }
        return 0;
    }

    private void score(SiglipModel towers, DataConfig config) {
        ImageDataset examples = Datasets.openEval(split == null ? config : config.withEvalSplit(split));
        List<String> names = labels.isEmpty() ? examples.classNames() : labels;
        if (names.isEmpty()) {
            throw new Failure("%s: names no classes; give them with --labels".formatted(config.path()));
        }
        ZeroShot classifier = ZeroShot.of(names, templates, towers::embedTexts);
        LabelledFeatures found = LabelledFeatures.of(towers, examples, batch, config.load());
        var metrics = new ClassificationMetrics(names.size());
        metrics.add(classifier.logits(found.features()), found.labels());
        Output.metrics(spec, metrics.toMap(), json);
    }

    private void fit(SiglipModel towers) {
        PrintWriter out = Output.of(spec);
        ZeroShot classifier = ZeroShot.of(labels, templates, towers::embedTexts);
        Pictures.inBatches(Pictures.files(images), (files, pictures) -> {
            float[] cosines = classifier.logits(Features.of(towers.encode(pictures)));
            for (int i = 0; i < files.size(); i++) {
                print(out, new Line(files.get(i).toString(), fits(cosines, i)));
            }
        });
    }

    private List<Fit> fits(float[] cosines, int row) {
        int classes = labels.size();
        return IntStream.range(0, classes)
                .mapToObj(k -> new Fit(labels.get(k), cosines[row * classes + k]))
                .sorted(Comparator.comparingDouble(Fit::cosine).reversed())
                .toList();
    }

    private void print(PrintWriter out, Line line) {
        if (json) {
            out.println(Output.json(line));
            return;
        }
        var text = new ArrayList<String>();
        line.labels().forEach(f -> text.add("%s %.3f".formatted(f.label(), f.cosine())));
        out.printf("%s  %s%n", line.image(), String.join("  ", text));
    }
}
