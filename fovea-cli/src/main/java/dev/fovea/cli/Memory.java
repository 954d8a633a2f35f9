package dev.fovea.cli;

import dev.fovea.kernel.KvRows;
import dev.fovea.models.gemma.GemmaConfig;
import dev.fovea.models.gemma.GemmaConfig.Size;
import dev.fovea.models.gemma.GemmaMemory;
import dev.fovea.models.gemma.GemmaMemory.Format;
import dev.fovea.models.gemma.GemmaMemory.Stated;
import dev.fovea.models.gemma.PackedFolder;
import dev.fovea.models.gemma.WeightFormat;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a language model takes, before it is loaded. */
@Command(
        name = "memory",
        mixinStandardHelpOptions = true,
        description = {
            "Memory of a Gemma 3: weights, cache, both; nothing is loaded. Local layers keep a window, global ones all",
            "tokens. int8, int4 and their cache are counted as --weights and convert --weights hold them, byte by byte.",
            "Working memory is what the largest arrays take while a prompt is read; some 0.5 GB of the JVM and libtorch",
            "come on top. Beside it the figures of the Gemma 3 report (table 3), whose cache is of another kind: its column",
            "is near 16-bit keys and values of all layers at full length."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea memory gemma3-4b --context 32768 --weights int4",
            "  fovea memory gemma-3-27b-it/ --context 131072 --cache-bits 8"
        })
final class Memory implements Callable<Integer> {

    /** The length of text that the report's table is for. */
    private static final long STATED_TOKENS = 32_768;

    @Parameters(
            paramLabel = "MODEL",
            description = "gemma3-270m, gemma3-1b, gemma3-4b, gemma3-12b, gemma3-27b, or a folder with a config.json")
    private String model = "";

    @Option(names = "--context", defaultValue = "32768", paramLabel = "N", description = "tokens of a text")
    private long tokens;

    @Option(names = "--batch", defaultValue = "1", paramLabel = "N", description = "texts side by side")
    private int texts;

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            description = "f32, bf16, int8, int4, int4-blocks32, sfp8; unless given, bf16 or that of a packed folder")
    private @Nullable String weights;

    @Option(
            names = "--cache",
            paramLabel = "FORMAT",
            description = "keys and values as bf16 or int8, as generate has them")
    private KvRows.@Nullable Format cache;

    @Option(
            names = "--cache-bits",
            defaultValue = "16",
            paramLabel = "BITS",
            description = "of a key's or value's entry")
    private int cacheBits;

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    record Line(
            String model,
            String weights,
            long tokens,
            GemmaMemory memory,
            @Nullable Stated stated) {}

    @Override
    public Integer call() {
        if (cache != null) {
            cacheBits = 8 * cache.bytes();
        }
        if (tokens < 1 || texts < 1 || cacheBits < 1) {
            throw new Failure(
                    "context %d, batch %d, cache-bits %d: each must be at least 1".formatted(tokens, texts, cacheBits));
        }
        boolean isFolder = Files.isDirectory(Path.of(model));
        Size size = isFolder ? null : GemmaConfig.size(model);
        GemmaConfig config =
                size == null ? GemmaConfig.read(Path.of(model).resolve("config.json")) : GemmaConfig.of(size);
        Format format = format(isFolder);
        GemmaMemory memory = GemmaMemory.of(config, format, tokens, texts, cacheBits / 8.0);
        Stated stated = size == null ? null : GemmaMemory.stated(size, format);
        PrintWriter out = Output.of(spec);
        if (json) {
            out.println(Output.json(new Line(model, format.label(), tokens, memory, stated)));
            return 0;
        }
        out.printf("%s, %,d parameters, weights %s%n", model, config.parameters(), format.label());
        out.printf(Locale.ROOT, "weights  %8.3f GB%n", gigabytes(memory.weightBytes()));
        out.printf(
                Locale.ROOT,
                "cache    %8.3f GB   %d x %d tokens, %d bits (every layer at full length: %.3f GB)%n",
                gigabytes(memory.cacheBytes()),
                texts,
                tokens,
                cacheBits,
                gigabytes(memory.fullCacheBytes()));
        out.printf(Locale.ROOT, "working  %8.3f GB   while a prompt is read%n", gigabytes(memory.workingBytes()));
        out.printf(Locale.ROOT, "total    %8.3f GB%n", gigabytes(memory.total()));
        if (stated != null) {
            out.printf(
                    Locale.ROOT,
                    "the report states %.1f GB of weights, %.1f GB with the cache of %d tokens%n",
                    stated.weights(),
                    stated.withCache(),
                    STATED_TOKENS);
        }
        return 0;
    }

    private Format format(boolean isFolder) {
        WeightFormat packed = isFolder ? PackedFolder.format(Path.of(model)) : null;
        Format format = weights == null ? Format.BF16 : Format.of(weights);
        if (packed == null) {
            return format;
        }
        if (weights != null && format != Format.of(packed)) {
            throw new Failure("--weights %s: %s holds packed %s weights".formatted(weights, model, packed.label()));
        }
        return Format.of(packed);
    }

    private static double gigabytes(long bytes) {
        return bytes / 1e9;
    }
}
