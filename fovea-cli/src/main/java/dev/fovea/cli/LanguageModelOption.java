package dev.fovea.cli;

import dev.fovea.models.gemma.GemmaModel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A language model of a command. */
final class LanguageModelOption {

    /** Types of the parameters in memory. */
    enum Type {
        STORED(null),
        FLOAT32(ScalarType.Float),
        BFLOAT16(ScalarType.BFloat16);

        final @Nullable ScalarType type;

        Type(@Nullable ScalarType type) {
            this.type = type;
        }
    }

    @Parameters(index = "0", paramLabel = "MODEL", description = "a Hugging Face folder of a Gemma 3, or a .gguf file")
    private Path model = Path.of("");

    @Option(
            names = "--dtype",
            defaultValue = "STORED",
            paramLabel = "TYPE",
            description = "type of the weights in memory: stored (as in the file; of GGUF float32), float32, bfloat16")
    private Type type = Type.STORED;

    @Option(names = "--mmproj", paramLabel = "FILE", description = "the picture tower of a .gguf model")
    private @Nullable Path projector;

    GemmaModel open() {
        if (model.toString().endsWith(".gguf")) {
            return GemmaModel.openGguf(model, projector, type.type == null ? ScalarType.Float : type.type);
        }
        if (!Files.isDirectory(model)) {
            throw new Failure(
                    "%s: no such folder; wanted a Hugging Face folder of a Gemma 3, or a .gguf file".formatted(model));
        }
        if (projector != null) {
            throw new Failure("--mmproj goes with a .gguf file; %s is a folder".formatted(model));
        }
        return GemmaModel.open(model, type.type);
    }
}
