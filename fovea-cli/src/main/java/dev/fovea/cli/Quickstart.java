package dev.fovea.cli;

import static java.util.Objects.requireNonNull;

import dev.fovea.config.Configs;
import dev.fovea.data.DataConfig;
import dev.fovea.data.Datasets;
import dev.fovea.data.drawn.DrawnConfig;
import dev.fovea.data.drawn.DrawnDataset;
import dev.fovea.data.drawn.DrawnFiles;
import dev.fovea.data.drawn.Task;
import dev.fovea.models.classifier.ClassifierConfig;
import dev.fovea.models.classifier.ClassifierTraining;
import dev.fovea.train.Outcome;
import dev.fovea.train.Progress;
import java.awt.Desktop;
import java.awt.GraphicsEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** From nothing to a trained model and its report in a few minutes. */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description = {
            "Draw a data set, train a Vision Transformer on it, evaluate it, and write a report; nothing is downloaded.",
            "With --data the same on your own folders of pictures, one folder a class."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea quickstart",
            "  fovea quickstart --data my-pictures/ --out runs/mine",
            "  fovea quickstart train.epochs=3"
        })
final class Quickstart implements Callable<Integer> {

    private static final int TRAINING_PICTURES = 8000;
    private static final int TEST_PICTURES = 1000;
    private static final int SIDE = 32;
    private static final double NOISE = 0.03;
    private static final int CLUTTER = 1;
    private static final int OWN_SIDE = 64;

    @Parameters(arity = "0..*", paramLabel = "KEY=VALUE", description = "laid over the embedded configuration")
    private List<String> overrides = List.of();

    @Option(names = "--data", paramLabel = "DIR", description = "pictures of your own: a folder a class")
    private @Nullable Path data;

    @Option(
            names = "--out",
            defaultValue = "runs/quickstart",
            paramLabel = "DIR",
            description = "folder of the run (${DEFAULT-VALUE})")
    private Path out = Path.of("");

    @Option(names = "--open", negatable = true, description = "open the report in a browser where there is one")
    private boolean open;

    @Option(names = "--json", description = "the final metrics as one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        ClassifierConfig config = Configs.parse(ClassifierConfig.class, embedded(), "quickstart.yaml", settings());
        Outcome outcome;
        try (Progress progress = Progress.standardError()) {
            outcome = new ClassifierTraining(config, out)
                    .run(
                            Datasets.open(config.data()),
                            Datasets.openEval(config.data()),
                            progress,
                            Interrupts::stopFirst);
        }
        int code = Train.finish(outcome, out, json, spec);
        if (code == 0) {
            show(out.resolve("report.html"));
            if (!json) {
                Output.of(spec).printf("next:  fovea predict %s PICTURE%n", out);
            }
        }
        return code;
    }

    private List<String> settings() {
        var settings = new ArrayList<String>();
        if (data == null) {
            settings.add("data.path=" + drawn());
            settings.add("data.evalSplit=test");
        } else {
            settings.add("data.path=" + data.toAbsolutePath());
            settings.add("model.imageSize=" + OWN_SIDE);
            settings.add("model.stem={channels: [16, 32, 64], strides: [2, 2, 2], residual: [false, true, true]}");
            settings.add("augment=[{op: inceptionCrop, size: %d, minArea: 0.3}, flipLeftRight, valueRange]"
                    .formatted(OWN_SIDE));
            settings.add("preprocess=[{op: resize, size: %d, antialias: true}, valueRange]".formatted(OWN_SIDE));
            settings.add("train.epochs=null");
            settings.add("train.steps=%d".formatted(ownSteps()));
        }
        settings.addAll(overrides);
        return settings;
    }

    /** Enough for a few hundred pictures, about what three minutes allow for many. */
    private long ownSteps() {
        long size = Datasets.open(DataConfig.of(requireNonNull(data))).size();
        return Math.clamp(40 * size / 64, 200, 1500);
    }

    /** Draws the pictures, once. */
    private Path drawn() {
        Path folder = out.toAbsolutePath().resolve("data");
        Path done = folder.resolve("test");
        if (!Files.isDirectory(done)) {
            DrawnConfig train = new DrawnConfig(Task.SHAPE, SIDE, TRAINING_PICTURES, 0, 0, 2, NOISE, CLUTTER);
            Output.err(spec).printf("drawing %d pictures into %s%n", TRAINING_PICTURES + TEST_PICTURES, folder);
            Output.err(spec).flush();
            DrawnFiles.imageFolder(new DrawnDataset(train), folder.resolve("train"));
            DrawnFiles.imageFolder(new DrawnDataset(train.next(TEST_PICTURES)), done);
        }
        return folder;
    }

    private void show(Path report) {
        if (open && !GraphicsEnvironment.isHeadless() && Desktop.isDesktopSupported()) {
            try {
                Desktop.getDesktop().browse(report.toAbsolutePath().toUri());
            } catch (IOException | UnsupportedOperationException e) {
                Output.err(spec).println("no browser could be opened: " + e.getMessage());
            }
        }
    }

    private static String embedded() {
        try (InputStream in = Quickstart.class.getResourceAsStream("quickstart.yaml")) {
            if (in == null) {
                throw new IllegalStateException("quickstart.yaml is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
