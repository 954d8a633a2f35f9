package dev.fovea.models.gemma;

import dev.fovea.kernel.BlockMatrix;
import dev.fovea.kernel.KvRows;
import dev.fovea.kernel.Matrix;
import dev.fovea.kernel.WarmUp;
import dev.fovea.kernel.Workers;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Gemma's decoder ready for fast decoding: its weights in a format of {@link dev.fovea.kernel}, and the threads that multiply
 * them. Several {@link KernelDecoding} may stand on one.
 */
public final class GemmaKernels implements AutoCloseable {

    private final GemmaConfig config;
    private final @Nullable WeightFormat format;
    private final KernelWeights weights;
    private final @Nullable VisionEmbedder vision;
    private final Workers workers;
    private final Arena arena;
    private final List<Matrix> inner;
    private final int promptFrom;
    private WarmUp warmUp;
    private @Nullable WarmUp promptLoops;
    private KvRows.Format cacheFormat = KvRows.Format.BF16;

    GemmaKernels(
            GemmaConfig config,
            @Nullable WeightFormat format,
            KernelWeights weights,
            @Nullable VisionEmbedder vision,
            int threads,
            Arena arena) {
        this.config = config;
        this.format = format;
        this.weights = weights;
        this.vision = vision;
        this.workers = new Workers(threads);
        this.arena = arena;
        this.promptFrom = promptFrom(format, weights);
        this.inner = weights.layers().isEmpty() ? List.of(weights.head()) : weights.inner();
        DecoderConfig text = config.text();
        this.warmUp =
                WarmUp.start(inner, weights.head(), cacheFormat, text.numHeads() / text.numKvHeads(), text.headDim());
    }

    /**
     * Packs a model's weights. The model must stay open: bfloat16 weights are multiplied
     * where it has them, and pictures go through its tower.
     */
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    public static GemmaKernels of(Gemma model, WeightFormat format, int threads) {
        DecoderConfig text = requireWriter(model.config().text());
        Arena arena = Arena.ofShared();
        KernelWeights weights = KernelWeights.of(text, Packing.of(model.text(), format, arena));
        return new GemmaKernels(model.config(), format, weights, model.vision(), threads, arena);
    }

    static DecoderConfig requireWriter(DecoderConfig text) {
        if (text.bidirectional()) {
            throw new IllegalArgumentException("this Gemma is a text encoder; it has vectors and writes no text");
        }
        return text;
    }

    /** How keys and values of texts that are begun from now on are kept; bfloat16 unless this says otherwise. */
    public void keep(KvRows.Format cache) {
        if (cache != cacheFormat) {
            warmUp.await();
            DecoderConfig text = config.text();
            warmUp = WarmUp.start(cache, text.numHeads() / text.numKvHeads(), text.headDim());
        }
        cacheFormat = cache;
    }

    /** A new text, as soon as the loops are compiled; closing it leaves this. */
    public KernelDecoding decoding() {
        return decoding(Chunks.SIZE, 0);
    }

    /** The same, in which the last few tokens can be forgotten at any time. */
    public KernelDecoding rewindable(int tokens) {
        return decoding(Chunks.SIZE, tokens);
    }

    KernelDecoding decoding(int chunk, int spare) {
        warmUp.await();
        return new KernelDecoding(this, chunk, spare);
    }

    /** One of several texts that are fed one after the other. */
    KernelDecoding decoding(KernelStep step, KernelPrompt prompt) {
        warmUp.await();
        return new KernelDecoding(this, step, prompt, Chunks.SIZE, 0);
    }

    /** How the weights are held; null where they lie in blocks as a file has them. */
    public @Nullable WeightFormat format() {
        return format;
    }

    /** What to call the weights: {@code int8}, or the types of blocks that there are, such as {@code Q4_K and Q6_K}. */
    public String label() {
        return format != null
                ? format.label()
                : weights.matrices().stream()
                        .map(x -> x instanceof BlockMatrix blocks
                                ? blocks.format().name()
                                : "BF16")
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(" and "));
    }

    /** The matrices that every token reads, in this order. */
    public List<Matrix> matrices() {
        return weights.matrices();
    }

    /** Bytes of weights that every token reads. */
    public long bytes() {
        return weights.bytes();
    }

    /** Bytes of all the decoder's weights. */
    public long weightBytes() {
        return weights.memory();
    }

    /**
     * From so many tokens on widening the weights once for libtorch's products costs less than reading them for every few
     * tokens; measured on the 1B (docs/performance.md).
     */
    int promptFrom() {
        return promptFrom;
    }

    private static int promptFrom(@Nullable WeightFormat format, KernelWeights weights) {
        boolean isRead = weights.layers().stream().allMatch(x -> x.gateUp().readsForSeveral());
        return switch (format) {
            case INT8 -> isRead ? 48 : 16;
            case INT4 -> isRead ? 40 : 16;
            case BF16 -> 16; // nothing to widen
            case null -> 40;
        };
    }

    /** What long prompts run, begun to be compiled at the first call: beside the loading of libtorch, which they wait for, too. */
    synchronized WarmUp promptLoops() {
        if (promptLoops == null) {
            promptLoops = WarmUp.startUnpacking(inner);
        }
        return promptLoops;
    }

    /** Threads that share a product. */
    public int threads() {
        return workers.size();
    }

    GemmaConfig config() {
        return config;
    }

    KernelWeights weights() {
        return weights;
    }

    Workers workers() {
        return workers;
    }

    KvRows.Format cacheFormat() {
        return cacheFormat;
    }

    VisionEmbedder requireVision() {
        return Gemma.requireVision(vision);
    }

    @Override
    public void close() {
        try {
            warmUp.await(); // it reads weights
            if (promptLoops != null) {
                promptLoops.await();
            }
        } finally {
            workers.close();
            arena.close();
        }
    }
}
