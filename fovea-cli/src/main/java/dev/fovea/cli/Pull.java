package dev.fovea.cli;

import dev.fovea.cli.hub.Hub;
import dev.fovea.cli.hub.HubException;
import dev.fovea.cli.hub.HubSettings;
import dev.fovea.cli.hub.RepoId;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A published model from the hub into its cache. */
@Command(
        name = "pull",
        mixinStandardHelpOptions = true,
        description = "Fetch a model from the Hugging Face hub into its cache, and print the folder.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea pull google/gemma-3-4b-it",
            "  fovea pull google/gemma-3-4b-it@main --include '*.json' --include 'tokenizer*'",
            "",
            "HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT and HF_HUB_OFFLINE are obeyed."
        })
final class Pull implements Callable<Integer> {

    private static final long EVERY_NANOS = 5_000_000_000L;

    @Parameters(paramLabel = "MODEL", description = "organisation/name, or organisation/name@revision")
    private String model = "";

    @Option(names = "--include", paramLabel = "GLOB", description = "only files that fit; may be repeated")
    private List<String> include = List.of();

    @Option(names = "--exclude", paramLabel = "GLOB", description = "no files that fit; may be repeated")
    private List<String> exclude = List.of();

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        try (var hub = new Hub(HubSettings.ofEnvironment(), Output.err(spec)::println)) {
            Hub.Pulled pulled =
                    hub.pull(RepoId.parse(model), new Hub.Choice(include, exclude), new Lines(Output.err(spec)));
            if (json) {
                var facts = new LinkedHashMap<String, Object>();
                facts.put("folder", pulled.folder().toString());
                facts.put("commit", pulled.commit());
                facts.put("files", pulled.files());
                facts.put("bytes", pulled.bytes());
                Output.of(spec).println(Output.json(facts));
            } else {
                Output.of(spec).println(pulled.folder());
            }
            return 0;
        } catch (HubException e) {
            throw new Failure(String.valueOf(e.getMessage()));
        }
    }

    /** A line a file, and one every few seconds of a long one. */
    private static final class Lines implements Hub.Progress {

        private final PrintWriter err;
        private long last = System.nanoTime();

        Lines(PrintWriter err) {
            this.err = err;
        }

        @Override
        public void begins(int files, long bytes) {
            err.printf("%d files, %s%n", files, Doctor.bytes(bytes));
            err.flush();
        }

        @Override
        public void at(String path, long bytes, long of) {
            if (bytes < of && System.nanoTime() - last < EVERY_NANOS) {
                return;
            }
            last = System.nanoTime();
            err.printf("%s: %s of %s%n", path, Doctor.bytes(bytes), Doctor.bytes(of));
            err.flush();
        }
    }
}
