package dev.fovea.cli;

import dev.fovea.models.gemma.GemmaModel;
import dev.fovea.models.gemma.GemmaPerplexity;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** How well a language model foresees a text. */
@Command(
        name = "perplexity",
        mixinStandardHelpOptions = true,
        description = "Perplexity of a text: windows of equal length, each after a begin mark of its own.",
        footerHeading = "%nExamples:%n",
        footer = {"  fovea perplexity gemma-3-270m book.txt --context 1024"})
final class Perplexity implements Callable<Integer> {

    @Mixin
    private LanguageModelOption model = new LanguageModelOption();

    @Parameters(index = "1", paramLabel = "FILE", description = "a text in UTF-8")
    private Path file = Path.of("");

    @Option(names = "--context", defaultValue = "2048", paramLabel = "N", description = "tokens of a window")
    private int context;

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    record Line(double perplexity, double natsPerToken, double bitsPerByte, long tokens) {}

    @Override
    public Integer call() {
        PrintWriter out = Output.of(spec);
        PrintWriter err = Output.err(spec);
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be read as UTF-8: %s".formatted(file, e.getMessage()), e);
        }
        try (GemmaModel gemma = model.open();
                var decodings = model.decodings(gemma)) {
            GemmaPerplexity found = GemmaPerplexity.of(
                    gemma,
                    decodings::open,
                    text,
                    context,
                    soFar -> err.printf(
                            Locale.ROOT, "%d tokens, perplexity %.4f%n", soFar.tokens(), soFar.perplexity()));
            out.println(
                    json
                            ? Output.json(
                                    new Line(found.perplexity(), found.nats(), found.bitsPerByte(), found.tokens()))
                            : String.format(
                                    Locale.ROOT,
                                    "perplexity %.4f (%.4f nats a token, %.4f bits a byte) over %d tokens",
                                    found.perplexity(),
                                    found.nats(),
                                    found.bitsPerByte(),
                                    found.tokens()));
        }
        return 0;
    }
}
