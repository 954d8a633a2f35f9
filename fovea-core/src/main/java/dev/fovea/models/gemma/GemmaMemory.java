package dev.fovea.models.gemma;

import dev.fovea.kernel.KvRows;
import dev.fovea.models.gemma.GemmaConfig.Size;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a model and its cache take, from its sizes alone. Matrices and the embedding are counted in the format of the
 * weights with their scales, norms and the picture tower in 16 bits. int8 and int4 are the formats of {@link WeightFormat}, byte by
 * byte, and so is the cache where the kernels have its format; the others are what the report's formats would take.
 *
 * @param weightBytes all parameters
 * @param cacheBytes keys and values: rings in local layers, everything in global ones
 * @param fullCacheBytes what the cache would take if every layer kept everything
 * @param workingBytes largest arrays of the kernels while a prompt goes through; the JVM and libtorch themselves are not in it
 */
public record GemmaMemory(long weightBytes, long cacheBytes, long fullCacheBytes, long workingBytes) {

    /** How weights are stored: bits a weight, and 16-bit scales for so many weights each (0 for none). */
    public enum Format {
        F32(32, 0),
        BF16(16, 0),
        INT8(8, -1, WeightFormat.INT8),
        INT4(4, 32, WeightFormat.INT4),
        INT4_BLOCKS32(4, 32),
        SFP8(8, -1);

        private final int bits;
        private final int perScale;
        private final @Nullable WeightFormat kernels;

        Format(int bits, int perScale) {
            this(bits, perScale, null);
        }

        Format(int bits, int perScale, @Nullable WeightFormat kernels) {
            this.bits = bits;
            this.perScale = perScale;
            this.kernels = kernels;
        }

        /** That of packed weights. */
        public static Format of(WeightFormat format) {
            return valueOf(format.name());
        }

        /** Such as {@code int4-blocks32}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** A format by its label. */
        public static Format of(String label) {
            return Arrays.stream(values())
                    .filter(x -> x.label().equals(label.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("weights %s: no such format; there are %s"
                            .formatted(
                                    label,
                                    Arrays.stream(values()).map(Format::label).toList())));
        }

        /** Bytes of a parameter of so many rows, each an output channel. */
        private long bytes(String name, long rows, long columns) {
            if (kernels != null) {
                return kernels.ofMatrix(name).bytes((int) rows, (int) columns);
            }
            long scales = perScale == 0 ? 0 : perScale < 0 ? rows : rows * Math.ceilDiv(columns, perScale);
            return Math.ceilDiv(rows * columns * bits, 8) + 2 * scales;
        }
    }

    /**
     * Of one or more texts side by side.
     *
     * @param tokens length of each
     * @param bytesPerValue of keys and values
     */
    public static GemmaMemory of(GemmaConfig c, Format weights, long tokens, int texts, double bytesPerValue) {
        DecoderConfig text = c.text();
        long queries = (long) text.numHeads() * text.headDim();
        long keys = (long) text.numKvHeads() * text.headDim();
        long matrices = weights.bytes("", queries, text.width())
                + 2 * weights.bytes("", keys, text.width())
                + weights.bytes("", text.width(), queries)
                + 2 * weights.bytes("", text.mlpDim(), text.width())
                + weights.bytes("", text.width(), text.mlpDim());
        long bytes = text.depth() * matrices
                + (text.tied() ? 1 : 2) * weights.bytes(WeightFormat.TOKENS, text.vocabSize(), text.width());
        long narrow = text.depth() * (4L * text.width() + 2L * text.headDim()) + text.width(); // not quantised
        VisionConfig vision = c.vision();
        if (vision != null) {
            narrow += vision.towerParameters() + vision.projectorParameters(text.width());
        }
        return new GemmaMemory(
                bytes + narrow * (weights == Format.F32 ? 4 : 2),
                texts * cacheBytes(text, tokens, bytesPerValue),
                texts * text.fullCacheBytes(tokens, bytesPerValue),
                workingBytes(text, tokens));
    }

    private static long cacheBytes(DecoderConfig c, long tokens, double bytesPerValue) {
        for (KvRows.Format format : KvRows.Format.values()) {
            if (format.bytes() == bytesPerValue) {
                return KernelCache.bytes(c, format, tokens);
            }
        }
        return c.cacheBytes(tokens, bytesPerValue);
    }

    /** Logits, a panel of widened weights, a chunk's activations, and scores of one layer with the keys and values they see. */
    private static long workingBytes(DecoderConfig c, long tokens) {
        long chunk = Math.min(tokens, Chunks.SIZE);
        long keys = Math.min(tokens, Math.max(KernelPrompt.KEYS, c.window() + chunk));
        long activations = 4L * c.width() + 3L * c.mlpDim() + 4L * (c.numHeads() + c.numKvHeads()) * c.headDim();
        long scores = (long) c.numHeads() * chunk * keys;
        long seen = 4L * c.numKvHeads() * c.headDim() * keys;
        return Float.BYTES * (c.vocabSize() + Products.PANEL + chunk * activations + scores + seen);
    }

    /** Everything together. */
    public long total() {
        return weightBytes + cacheBytes + workingBytes;
    }

    /** What the report states, in gigabytes: weights alone, and with the cache of 32,768 tokens. */
    public record Stated(double weights, double withCache) {}

    /** The report's figures (arXiv 2503.19786, table 3); null where it has none. */
    public static @Nullable Stated stated(Size size, Format weights) {
        return switch (size) {
            case GEMMA3_270M -> null;
            case GEMMA3_1B -> of(weights, 2.0, 2.9, 0.5, 1.4, 0.7, 1.6, 1.0, 1.9);
            case GEMMA3_4B -> of(weights, 8.0, 12.7, 2.6, 7.3, 2.9, 7.6, 4.4, 9.1);
            case GEMMA3_12B -> of(weights, 24.0, 38.9, 6.6, 21.5, 7.1, 22.0, 12.4, 27.3);
            case GEMMA3_27B -> of(weights, 54.0, 72.7, 14.1, 32.8, 15.3, 34.0, 27.4, 46.1);
        };
    }

    /** Columns of the table, in its order: bf16, int4, int4 in blocks of 32, SFP8; each without and with the cache. */
    private static @Nullable Stated of(Format weights, double... row) {
        int column =
                switch (weights) {
                    case BF16 -> 0;
                    case INT4 -> 2;
                    case INT4_BLOCKS32 -> 4;
                    case SFP8 -> 6;
                    case F32, INT8 -> -1;
                };
        return column < 0 ? null : new Stated(row[column], row[column + 1]);
    }
}
