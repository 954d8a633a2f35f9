package dev.fovea.cli;

import dev.fovea.generate.TextBatch;
import dev.fovea.kernel.KvRows;
import dev.fovea.models.gemma.GemmaBatch;
import dev.fovea.models.gemma.GemmaKernels;
import dev.fovea.models.gemma.GemmaModel;
import dev.fovea.models.gemma.GemmaProcessor.Prompt;
import dev.fovea.models.gemma.KernelBatch;
import dev.fovea.models.gemma.PictureDecoding;
import dev.fovea.models.gemma.WeightFormat;
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
            description = "type of the weights in memory: stored (as in the file), float32, bfloat16")
    private Type type = Type.STORED;

    @Option(names = "--mmproj", paramLabel = "FILE", description = "the picture tower of a .gguf model")
    private @Nullable Path projector;

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            description =
                    "write with the fast kernels, weights as bf16, int8 or int4; a folder of packed weights has its own")
    private @Nullable WeightFormat weights;

    @Option(
            names = "--cache",
            paramLabel = "FORMAT",
            description = "keys and values of the fast kernels as bf16 (the default) or int8")
    private KvRows.@Nullable Format cache;

    /** Where texts of a model are written; closed before the model. */
    Decodings decodings(GemmaModel model) {
        GemmaKernels packed = model.packed();
        if (packed != null && weights != null && weights != packed.format()) {
            throw new Failure(
                    "--weights %s: %s holds packed %s weights".formatted(weights.label(), this.model, packed.label()));
        }
        GemmaKernels kernels = packed;
        if (kernels == null && weights != null) {
            kernels =
                    GemmaKernels.of(model.gemma(), weights, Runtime.getRuntime().availableProcessors());
        }
        if (kernels == null) {
            if (cache != null) {
                throw new Failure("--cache goes with --weights, a folder of packed weights or a .gguf file");
            }
            return new Decodings(model, null);
        }
        if (cache != null) {
            kernels.keep(cache);
        }
        return new Decodings(model, kernels);
    }

    /** Makes a decoding for each text: on the kernels where they were asked for, else on the engine. */
    record Decodings(GemmaModel model, @Nullable GemmaKernels kernels) implements AutoCloseable {

        PictureDecoding open() {
            return kernels == null ? model.decoding() : kernels.decoding();
        }

        /** The same, in which the last few tokens can be forgotten at any time. */
        PictureDecoding rewindable(int tokens) {
            return kernels == null ? model.rewindable(tokens) : kernels.rewindable(tokens);
        }

        /** Several texts at once. */
        TextBatch<Prompt, ? extends TextBatch.Text> batch() {
            return kernels == null ? new GemmaBatch(model.gemma()) : new KernelBatch(kernels);
        }

        @Override
        public void close() {
            if (kernels != null && kernels != model.packed()) {
                kernels.close();
            }
        }
    }

    GemmaModel open() {
        if (model.toString().endsWith(".gguf")) {
            return GemmaModel.openGguf(
                    model, projector, weights != null && type.type == null ? ScalarType.Float : type.type);
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
