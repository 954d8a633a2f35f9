package dev.fovea.cli;

import dev.fovea.checkpoint.Summary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is in a checkpoint. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "What is in a checkpoint: configuration, tensors, sizes.",
        footerHeading = "%nExamples:%n",
        footer = {"  fovea inspect model.safetensors", "  fovea inspect google-siglip/ --json"})
final class Inspect implements Callable<Integer> {

    @Parameters(
            paramLabel = "PATH",
            description = "a .safetensors, .npz, .gguf or .pth file, or a folder that holds one")
    private Path path = Path.of("");

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Summary summary = Summary.of(path);
        PrintWriter out = Output.of(spec);
        if (json) {
            out.println(Output.json(summary));
            return 0;
        }
        out.printf("%s: %s%n", summary.path(), summary.kind());
        summary.documents().forEach((name, document) -> out.printf("%s: %s%n", name, document));
        summary.metadata().forEach((name, value) -> out.printf("metadata %s: %s%n", name, value));
        summary.tensors()
                .forEach(x ->
                        out.printf("%-72s %-5s %-24s %s%n", x.name(), x.dtype(), x.shape(), Doctor.bytes(x.bytes())));
        summary.totals()
                .forEach((type, total) -> out.printf(
                        "%s: %d tensors, %,d values, %s%n",
                        type, total.tensors(), total.elements(), Doctor.bytes(total.bytes())));
        out.printf(
                "all: %d tensors, %,d values, %s%n",
                summary.tensors().size(), summary.elements(), Doctor.bytes(summary.bytes()));
        return 0;
    }
}
