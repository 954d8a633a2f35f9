package dev.fovea.models.gemma;

import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Pool;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of a Gemma 3.
 *
 * @param text the decoder
 * @param vision how pictures enter it, null for a model of text alone
 */
public record GemmaConfig(DecoderConfig text, @Nullable VisionConfig vision) {

    /** Every sixth layer of the published models is global. */
    static final int PERIOD = 6;

    /** θ of local layers in the published models. */
    static final double LOCAL_THETA = 1e4;

    /** θ of global layers in the published models. */
    static final double GLOBAL_THETA = 1e6;

    /** The published sizes (arXiv 2503.19786, table 1; the 270M model came later). */
    public enum Size {
        GEMMA3_270M(262_144, 640, 2048, 18, 4, 1, 256, 256, 512, 1, 32_768),
        GEMMA3_1B(262_144, 1152, 6912, 26, 4, 1, 256, 256, 512, 1, 32_768),
        GEMMA3_4B(262_208, 2560, 10_240, 34, 8, 4, 256, 256, 1024, 8, 131_072),
        GEMMA3_12B(262_208, 3840, 15_360, 48, 16, 8, 256, 256, 1024, 8, 131_072),
        GEMMA3_27B(262_208, 5376, 21_504, 62, 32, 16, 128, 168, 1024, 8, 131_072);

        private final int vocabSize;
        private final int width;
        private final int mlpDim;
        private final int depth;
        private final int numHeads;
        private final int numKvHeads;
        private final int headDim;
        private final double queryScalar;
        private final int window;
        private final double divisor;
        private final int contextLength;

        Size(
                int vocabSize,
                int width,
                int mlpDim,
                int depth,
                int numHeads,
                int numKvHeads,
                int headDim,
                double queryScalar,
                int window,
                double divisor,
                int contextLength) {
            this.vocabSize = vocabSize;
            this.width = width;
            this.mlpDim = mlpDim;
            this.depth = depth;
            this.numHeads = numHeads;
            this.numKvHeads = numKvHeads;
            this.headDim = headDim;
            this.queryScalar = queryScalar;
            this.window = window;
            this.divisor = divisor;
            this.contextLength = contextLength;
        }

        private DecoderConfig text() {
            return new DecoderConfig(
                    vocabSize,
                    width,
                    mlpDim,
                    numHeads,
                    numKvHeads,
                    headDim,
                    queryScalar,
                    1e-6,
                    window,
                    DecoderConfig.pattern(depth, PERIOD),
                    new Rotation(LOCAL_THETA, 1),
                    new Rotation(GLOBAL_THETA, divisor),
                    null,
                    true,
                    false,
                    contextLength);
        }

        private boolean takesPictures() {
            return this != GEMMA3_270M && this != GEMMA3_1B;
        }

        /** Such as {@code gemma3-4b}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** A published size. */
    public static GemmaConfig of(Size size) {
        var vit = VitConfig.of("So400m/14", 896, Pool.NONE, 0);
        return new GemmaConfig(
                size.text(), size.takesPictures() ? new VisionConfig(vit, 256, 262_144, 255_999, 256_000) : null);
    }

    /** A published size by its label, such as {@code gemma3-4b}. */
    public static Size size(String label) {
        return Arrays.stream(Size.values())
                .filter(size -> size.label().equals(label.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("%s: no such size; there are %s".formatted(label, labels())));
    }

    private static List<String> labels() {
        return Arrays.stream(Size.values()).map(Size::label).toList();
    }

    /**
     * A published folder's {@code config.json}, of {@code model_type} {@code gemma3_text} or {@code gemma3}, in the
     * layout of the published checkpoints or of transformers 5. What it leaves out has the published default.
     *
     * @throws IllegalArgumentException for a value that is missing, malformed or not supported, naming file and key
     */
    public static GemmaConfig read(Path file) {
        return GemmaConfigReader.read(file);
    }

    /** All parameters. */
    public long parameters() {
        long both = text.embeddingParameters() + text.layerParameters();
        return vision == null ? both : both + vision.towerParameters() + vision.projectorParameters(text.width());
    }
}
