package dev.fovea.models.gemma;

import dev.fovea.checkpoint.GgufFile;
import dev.fovea.generate.SamplingConfig;
import dev.fovea.image.Filter;
import dev.fovea.image.Normalize;
import dev.fovea.image.Preprocess;
import dev.fovea.image.PreprocessorConfig;
import dev.fovea.image.Step;
import dev.fovea.models.vit.Size;
import dev.fovea.nn.Params;
import dev.fovea.text.HuggingFaceTokenizer;
import dev.fovea.text.SentencePiece;
import dev.fovea.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A Gemma 3 with all that a program needs to talk to it. Safe for use by one thread at a time.
 *
 * <pre>{@code
 * try (GemmaModel model = GemmaModel.open(folder, null);
 *         var session = new GemmaSession(model)) {
 *     var config = GenerationConfig.of(model.defaults().sampling(), 256, model.defaults().ends());
 *     System.err.println(session.say("Why is the sky blue?", List.of(), config, _ -> true).text());
 * }
 * }</pre>
 *
 * @param params the parameters, closed with this
 */
public record GemmaModel(Gemma gemma, Params params, GemmaProcessor processor, GemmaDefaults defaults)
        implements AutoCloseable {

    /**
     * Opens a Hugging Face folder: {@code config.json}, weights, {@code tokenizer.json} or {@code tokenizer.model}, and
     * where they are there {@code generation_config.json} and the image processor's file.
     *
     * @param type the type of the parameters in memory; null for that of the file
     * @throws IllegalArgumentException for a file that is missing or wrong, naming it
     */
    public static GemmaModel open(Path folder, @Nullable ScalarType type) {
        Tokenizer tokenizer = tokenizer(folder);
        GemmaDefaults defaults = GemmaDefaults.read(folder);
        GemmaCheckpoint checkpoint = GemmaCheckpoint.read(folder, type);
        try {
            VisionConfig vision = checkpoint.model().config().vision();
            PreprocessorConfig pictures = vision == null ? null : PreprocessorConfig.read(folder);
            var processor = new GemmaProcessor(
                    tokenizer,
                    defaults.bosToken(),
                    vision == null ? 0 : vision.imageToken(),
                    vision == null ? 0 : vision.numTokens(),
                    pictures);
            return new GemmaModel(checkpoint.model(), checkpoint.params(), processor, defaults);
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /**
     * Opens a GGUF file, which has the tokenizer inside.
     *
     * @param projector the file of the picture tower ({@code mmproj}), null for none
     * @param type the type of the parameters in memory; blocks are decoded to it
     */
    public static GemmaModel openGguf(Path text, @Nullable Path projector, ScalarType type) {
        GgufFile file = GgufFile.open(text);
        SentencePiece tokenizer = file.tokenizer();
        GemmaCheckpoint checkpoint = GemmaGguf.read(text, projector, type);
        VisionConfig vision = checkpoint.model().config().vision();
        int bos = file.tokenId("bos");
        var processor = new GemmaProcessor(
                tokenizer,
                bos,
                vision == null ? 0 : vision.imageToken(),
                vision == null ? 0 : vision.numTokens(),
                vision == null ? null : pictures(vision));
        boolean chat = file.chatTemplate() != null;
        Set<Integer> ends = IntStream.of(file.tokenId("eos"), file.tokenId("eot"), tokenizer.id("<end_of_turn>"))
                .filter(id -> id >= 0)
                .boxed()
                .collect(Collectors.toSet());
        return new GemmaModel(
                checkpoint.model(),
                checkpoint.params(),
                processor,
                new GemmaDefaults(chat ? SamplingConfig.GEMMA3 : SamplingConfig.GREEDY, ends, bos, chat));
    }

    /** The published image processor, which GGUF files do not carry: resized to the tower's size, in [-1, 1]. */
    private static PreprocessorConfig pictures(VisionConfig vision) {
        Size size = vision.vit().image();
        List<Double> half = List.of(0.5, 0.5, 0.5);
        return new PreprocessorConfig(
                "Gemma3",
                Preprocess.of(
                        new Step.PillowResizeTo(size.height(), size.width(), Filter.BILINEAR),
                        new Normalize(half, half, 1 / 255.0)),
                null,
                vision.numTokens());
    }

    /** The tokenizer of a folder. */
    static Tokenizer tokenizer(Path folder) {
        Path json = folder.resolve("tokenizer.json");
        if (Files.exists(json)) {
            return HuggingFaceTokenizer.read(json);
        }
        Path pieces = folder.resolve("tokenizer.model");
        if (Files.exists(pieces)) {
            return SentencePiece.read(pieces);
        }
        throw new IllegalArgumentException("%s: neither tokenizer.json nor tokenizer.model in it".formatted(folder));
    }

    /** Text and ids. */
    public Tokenizer tokenizer() {
        return processor.tokenizer();
    }

    @Override
    public void close() {
        params.close();
        if (tokenizer() instanceof HuggingFaceTokenizer library) {
            library.close();
        }
    }
}
