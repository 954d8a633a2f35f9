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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
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
 * @param network the network; null where the folder's weights are packed
 * @param packed packed weights, ready to write; null where there are none. Closed with this
 * @param params the parameters that are not packed, closed with this
 */
public record GemmaModel(
        GemmaConfig config,
        @Nullable Gemma network,
        @Nullable GemmaKernels packed,
        Params params,
        GemmaProcessor processor,
        GemmaDefaults defaults)
        implements AutoCloseable {

    /** A network with all its parameters. */
    public GemmaModel(Gemma gemma, Params params, GemmaProcessor processor, GemmaDefaults defaults) {
        this(gemma.config(), gemma, null, params, processor, defaults);
    }

    /**
     * Opens a Hugging Face folder: {@code config.json}, weights, {@code tokenizer.json} or {@code tokenizer.model}, and
     * where they are there {@code generation_config.json} and the image processor's file. Or a {@link PackedFolder}.
     *
     * @param type the type of the parameters in memory; null for that of the file, and for packed weights
     * @throws IllegalArgumentException for a file that is missing or wrong, naming it
     */
    public static GemmaModel open(Path folder, @Nullable ScalarType type) {
        if (PackedFolder.is(folder)) {
            return openPacked(folder, type);
        }
        Tokenizer tokenizer = tokenizer(folder);
        GemmaDefaults defaults = GemmaDefaults.read(folder);
        GemmaCheckpoint checkpoint = GemmaCheckpoint.read(folder, type);
        try {
            GemmaProcessor processor = processor(folder, checkpoint.model().config(), tokenizer, defaults);
            return new GemmaModel(checkpoint.model(), checkpoint.params(), processor, defaults);
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private static GemmaModel openPacked(Path folder, @Nullable ScalarType type) {
        if (type != null) {
            throw new IllegalArgumentException(
                    "%s: holds packed weights, which have one type in memory; found %s".formatted(folder, type));
        }
        CompletableFuture<Tokenizer> reading = beside(() -> tokenizer(folder));
        KernelModel opened = PackedFolder.open(folder, Runtime.getRuntime().availableProcessors());
        try {
            Tokenizer tokenizer = read(reading);
            GemmaDefaults defaults = GemmaDefaults.read(folder);
            GemmaProcessor processor = processor(folder, opened.config(), tokenizer, defaults);
            return new GemmaModel(opened.config(), null, opened.kernels(), opened.params(), processor, defaults);
        } catch (RuntimeException e) {
            opened.kernels().close();
            opened.params().close();
            throw e;
        }
    }

    /** 262,144 pieces take longer than everything else. */
    private static <T> CompletableFuture<T> beside(Supplier<T> tokenizer) {
        return CompletableFuture.supplyAsync(
                tokenizer,
                task -> Thread.ofPlatform().daemon().name("fovea-tokenizer").start(task));
    }

    private static <T> T read(CompletableFuture<T> reading) {
        try {
            return reading.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static GemmaProcessor processor(
            Path folder, GemmaConfig config, Tokenizer tokenizer, GemmaDefaults defaults) {
        VisionConfig vision = config.vision();
        return new GemmaProcessor(
                tokenizer,
                defaults.bosToken(),
                vision == null ? 0 : vision.imageToken(),
                vision == null ? 0 : vision.numTokens(),
                vision == null ? null : PreprocessorConfig.read(folder));
    }

    /**
     * Opens a GGUF file, which has the tokenizer inside.
     *
     * @param projector the file of the picture tower ({@code mmproj}), null for none
     * @param type null to write on the kernels, which multiply the weights where the mapped file has them; else the type of a network's
     *     parameters in memory, to which blocks are decoded
     */
    public static GemmaModel openGguf(Path text, @Nullable Path projector, @Nullable ScalarType type) {
        GgufFile file = GgufFile.open(text);
        CompletableFuture<SentencePiece> reading = beside(file::tokenizer);
        if (type == null) {
            KernelModel opened =
                    GemmaGguf.openKernels(file, projector, Runtime.getRuntime().availableProcessors());
            try {
                GemmaDefaults defaults = defaults(file, read(reading));
                GemmaProcessor processor = processor(opened.config().vision(), read(reading), defaults);
                return new GemmaModel(opened.config(), null, opened.kernels(), opened.params(), processor, defaults);
            } catch (RuntimeException e) {
                opened.kernels().close();
                opened.params().close();
                throw e;
            }
        }
        GemmaCheckpoint checkpoint = GemmaGguf.read(text, projector, type);
        try {
            GemmaDefaults defaults = defaults(file, read(reading));
            GemmaProcessor processor = processor(checkpoint.model().config().vision(), read(reading), defaults);
            return new GemmaModel(checkpoint.model(), checkpoint.params(), processor, defaults);
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private static GemmaDefaults defaults(GgufFile file, SentencePiece tokenizer) {
        boolean chat = file.chatTemplate() != null;
        Set<Integer> ends = IntStream.of(file.tokenId("eos"), file.tokenId("eot"), tokenizer.id("<end_of_turn>"))
                .filter(id -> id >= 0)
                .boxed()
                .collect(Collectors.toSet());
        return new GemmaDefaults(chat ? SamplingConfig.GEMMA3 : SamplingConfig.GREEDY, ends, file.tokenId("bos"), chat);
    }

    private static GemmaProcessor processor(
            @Nullable VisionConfig vision, Tokenizer tokenizer, GemmaDefaults defaults) {
        return new GemmaProcessor(
                tokenizer,
                defaults.bosToken(),
                vision == null ? 0 : vision.imageToken(),
                vision == null ? 0 : vision.numTokens(),
                vision == null ? null : pictures(vision));
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

    /** The network; an error where there are packed weights alone. */
    public Gemma gemma() {
        if (network == null) {
            throw new IllegalArgumentException("packed weights write text and have no network for anything else");
        }
        return network;
    }

    /** Where a text is written: on the kernels where the weights are packed, else on the engine. */
    public PictureDecoding decoding() {
        return packed == null ? new GemmaDecoding(gemma()) : packed.decoding();
    }

    /** The same, in which the last few tokens can be forgotten at any time. */
    public PictureDecoding rewindable(int tokens) {
        return packed == null ? GemmaDecoding.rewindable(gemma(), tokens) : packed.rewindable(tokens);
    }

    /** Text and ids. */
    public Tokenizer tokenizer() {
        return processor.tokenizer();
    }

    @Override
    public void close() {
        if (packed != null) {
            packed.close();
        }
        params.close();
        if (tokenizer() instanceof HuggingFaceTokenizer library) {
            library.close();
        }
    }
}
