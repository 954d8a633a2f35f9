package dev.fovea.cli;

import dev.fovea.tensor.Engine;
import dev.fovea.train.Outcome;
import dev.fovea.train.Progress;
import dev.fovea.train.RunFolder;
import dev.fovea.train.Training;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains a model from a configuration. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Train from a configuration; in the folder of an interrupted run, take it up where it was.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea train configs/vit_fashion_mnist.yaml --out runs/fashion",
            "  fovea train configs/vit_fashion_mnist.yaml --out runs/seed1 train.seed=1 optim.lr=1e-3"
        })
final class Train implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "CONFIG", description = "a YAML file")
    private Path config = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "KEY=VALUE",
            description = "laid over the file, such as optim.lr=1e-3")
    private List<String> overrides = List.of();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder of the run")
    private Path out = Path.of("");

    @Option(names = "--threads", paramLabel = "N", description = "threads of one operation; all cores unless given")
    private @Nullable Integer threads;

    @Option(names = "--json", description = "the final metrics as one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (threads != null) {
            Engine.setThreads(threads);
        }
        Training training = Trainings.open(config, overrides, out);
        Outcome outcome;
        try (Progress progress = Progress.standardError()) {
            outcome = training.run(progress, Interrupts::stopFirst);
        }
        return finish(outcome, out, json, spec);
    }

    static int finish(Outcome outcome, Path folder, boolean json, @Nullable CommandSpec spec) {
        if (json) {
            Output.of(spec).println(Output.json(outcome.metrics()));
        } else if (!outcome.stopped()) {
            outcome.metrics().forEach((name, value) -> {
                if (name.startsWith("eval/")) {
                    Output.of(spec).printf("%-24s %.4f%n", name.substring("eval/".length()), value);
                }
            });
            Path report = folder.resolve("report.html");
            if (Files.exists(report)) {
                Output.of(spec).println("report " + report.toAbsolutePath().normalize());
            }
        }
        if (outcome.stopped()) {
            Output.err(spec)
                    .printf(
                            "stopped at step %d; the same command goes on from %s%n",
                            outcome.steps(), RunFolder.checkpoints(folder));
            return Interrupts.EXIT_CODE;
        }
        return 0;
    }
}
