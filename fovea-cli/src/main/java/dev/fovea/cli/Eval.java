package dev.fovea.cli;

import dev.fovea.config.Configs;
import dev.fovea.data.DataConfig;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.models.classifier.Classifier;
import dev.fovea.models.classifier.ClassifierConfig;
import dev.fovea.models.classifier.ImageCompute;
import dev.fovea.models.classifier.RoutingSweep;
import dev.fovea.tensor.Engine;
import dev.fovea.train.RunFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Scores of a classifier on labelled pictures. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description = {
            "Top-1, top-5, cross-entropy, calibration and confusion on labelled pictures.",
            "Of a V-MoE, with --capacity, --routing or --k, a table and a page of accuracy against compute."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea eval runs/quickstart",
            "  fovea eval runs/fashion --data ../shared/data/fashion_mnist --split test --json",
            "  fovea eval runs/vmoe_k2 --capacity 0.1,0.25,0.5,1.0 --routing priority,vanilla",
            "  fovea eval runs/vmoe_k2 --capacity 0.2 --routing priority --per-image images.jsonl"
        })
final class Eval implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Option(names = "--data", paramLabel = "PATH", description = "labelled pictures; the run's own unless given")
    private @Nullable Path data;

    @Option(names = "--split", paramLabel = "NAME", description = "part of the data; chosen by the data unless given")
    private @Nullable String split;

    @Option(names = "--batch", defaultValue = "100", paramLabel = "N", description = "pictures a batch")
    private int batch;

    @Mixin
    private RoutingOptions routing = new RoutingOptions();

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "the page of such a table; routing.html in the model's folder")
    private @Nullable Path plot;

    @Option(
            names = "--per-image",
            paramLabel = "FILE",
            description =
                    "of a V-MoE at one setting: what each picture gets of the experts, its loss and its size as PNG,"
                            + " one JSON object a line; prints spread and rank correlations")
    private @Nullable Path perImage;

    @Option(names = "--confusion", description = "print the confusion matrix too")
    private boolean confusion;

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    /**
     * @param millionMultiplyAdds a picture's, of what is computed on a CPU
     * @param millisecondsAnImage of the forward pass
     */
    record Report(
            SequencedMap<String, Double> metrics,
            double millionMultiplyAdds,
            double millisecondsAnImage,
            long[][] confusion,
            List<String> labels) {}

    @Override
    public Integer call() {
        DataConfig config = dataConfig();
        ImageDataset examples = Datasets.openEval(split == null ? config : config.withEvalSplit(split));
        try (Classifier trained = Classifier.open(model.model)) {
            Engine.seed(0); // lots are drawn
            Classifier classifier = routing.shuffled(trained);
            if (perImage != null) {
                eachImage(routing.applied(classifier), examples, config, perImage);
                return 0;
            }
            if (routing.given()) {
                sweep(classifier, examples, config);
                return 0;
            }
            var result = classifier.evaluate(examples, batch, config.load());
            PrintWriter out = Output.of(spec);
            if (json) {
                out.println(Output.json(new Report(
                        result.metrics().toMap(),
                        result.compute().useful() / 1e6,
                        1e3 * result.secondsAnImage(),
                        result.metrics().confusion(),
                        classifier.card().labels())));
                return 0;
            }
            out.printf("%-24s %d%n", "examples", result.metrics().count());
            result.metrics().toMap().forEach((name, value) -> out.printf("%-24s %.4f%n", name, value));
            out.printf("%-24s %.3f%n", "millionMultiplyAdds", result.compute().useful() / 1e6);
            out.printf("%-24s %.3f%n", "millisecondsAnImage", 1e3 * result.secondsAnImage());
            if (confusion) {
                print(out, result.metrics().confusion(), classifier.card().labels());
            }
        }
        return 0;
    }

    private void eachImage(Classifier classifier, ImageDataset examples, DataConfig config, Path file) {
        ImageCompute found = ImageCompute.of(classifier, examples, batch, config.load());
        try {
            Files.write(file, found.rows().stream().map(Output::json).toList());
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
        }
        Output.metrics(spec, found.summary(), json);
    }

    private void sweep(Classifier classifier, ImageDataset examples, DataConfig config) {
        PrintWriter out = Output.of(spec);
        if (!json) {
            print(out, RoutingSweep.HEADER);
        }
        List<RoutingSweep.Row> rows = routing.sweep().run(classifier, examples, batch, config.load(), row -> {
            if (!json) {
                print(out, RoutingSweep.cells(row));
                out.flush();
            }
        });
        Path page = plot != null
                ? plot
                : Files.isDirectory(model.model) ? model.model.resolve("routing.html") : Path.of("routing.html");
        RoutingSweep.page(
                        "Routing of " + model.model.getFileName(),
                        "%d pictures in batches of %d".formatted(examples.size(), batch),
                        rows)
                .write(page);
        if (json) {
            out.println(Output.json(rows));
        } else {
            out.println("page " + page.toAbsolutePath().normalize());
        }
    }

    private static void print(PrintWriter out, List<String> cells) {
        var line = new StringBuilder("%-12s".formatted(cells.getFirst()));
        cells.stream().skip(1).forEach(cell -> line.append(" %9s".formatted(cell)));
        out.println(line);
    }

    private DataConfig dataConfig() {
        if (data != null) {
            return DataConfig.of(data);
        }
        Path config = RunFolder.config(model.model);
        if (!Files.exists(config)) {
            throw new Failure("%s is no run folder with data of its own; name labelled pictures with --data"
                    .formatted(model.model));
        }
        return Configs.read(ClassifierConfig.class, config, List.of()).data();
    }

    private static void print(PrintWriter out, long[][] counts, List<String> labels) {
        out.println("\nrows: true class, columns: predicted");
        for (int i = 0; i < counts.length; i++) {
            var line = new StringBuilder("%-16s".formatted(labels.isEmpty() ? Integer.toString(i) : labels.get(i)));
            for (long count : counts[i]) {
                line.append(" %6d".formatted(count));
            }
            out.println(line);
        }
    }
}
