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

    @Parameters(index = "0", paramLabel = "MODEL", description = "a Hugging Face folder of a Gemma 3")
    private Path model = Path.of("");

    @Option(
            names = "--dtype",
            defaultValue = "STORED",
            paramLabel = "TYPE",
            description = "type of the weights in memory: stored (as in the file), float32, bfloat16")
    private Type type = Type.STORED;

    GemmaModel open() {
        if (!Files.isDirectory(model)) {
            throw new Failure("%s: no such folder; wanted a Hugging Face folder of a Gemma 3".formatted(model));
        }
        return GemmaModel.open(model, type.type);
    }
}
