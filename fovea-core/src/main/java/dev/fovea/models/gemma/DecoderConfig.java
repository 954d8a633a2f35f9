package dev.fovea.models.gemma;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and choices of the text decoder.
 *
 * @param vocabSize V, rows of the embedding
 * @param width D
 * @param mlpDim F
 * @param numHeads query heads, a multiple of {@code numKvHeads}
 * @param numKvHeads key and value heads
 * @param headDim Dh; H·Dh need not be D
 * @param queryScalar scores are divided by its root
 * @param normEps epsilon of all norms
 * @param window how many tokens one sees in a local layer, itself included; with {@code bidirectional}, the width of both
 *     sides together
 * @param layers which layers are local and which global, from the first
 * @param local rotary positions of local layers
 * @param global rotary positions of global layers
 * @param softcap c of c·tanh(logits / c), null for none
 * @param tied whether the embedding is also the output head
 * @param bidirectional every token sees those after it too: the mode of text encoders
 * @param contextLength longest text that the model was trained for
 */
public record DecoderConfig(
        int vocabSize,
        int width,
        int mlpDim,
        int numHeads,
        int numKvHeads,
        int headDim,
        double queryScalar,
        double normEps,
        int window,
        List<Span> layers,
        Rotation local,
        Rotation global,
        @Nullable Double softcap,
        boolean tied,
        boolean bidirectional,
        int contextLength) {

    /** How far the tokens of a layer see. */
    public enum Span {
        LOCAL,
        GLOBAL
    }

    /** Base of the rotary frequencies, and what positions are divided by. */
    public record Rotation(double theta, double divisor) {

        public Rotation {
            if (!(theta > 0) || !(divisor > 0)) {
                throw new IllegalArgumentException(
                        "rotary positions: theta %s, divisor %s; both must be above 0".formatted(theta, divisor));
            }
        }
    }

    public DecoderConfig {
        layers = List.copyOf(layers);
        if (vocabSize < 1 || width < 1 || mlpDim < 1 || numHeads < 1 || numKvHeads < 1 || headDim < 1) {
            throw new IllegalArgumentException(
                    "vocabSize %d, width %d, mlpDim %d, numHeads %d, numKvHeads %d, headDim %d: each must be at least 1"
                            .formatted(vocabSize, width, mlpDim, numHeads, numKvHeads, headDim));
        }
        if (numHeads % numKvHeads != 0) {
            throw new IllegalArgumentException(
                    "numHeads %d is not a multiple of numKvHeads %d".formatted(numHeads, numKvHeads));
        }
        if (headDim % 2 != 0) {
            throw new IllegalArgumentException("headDim %d is odd; rotary positions turn pairs".formatted(headDim));
        }
        if (window < 1 || contextLength < 1) {
            throw new IllegalArgumentException(
                    "window %d, contextLength %d: each must be at least 1".formatted(window, contextLength));
        }
        if (!(queryScalar > 0) || !(normEps >= 0) || (softcap != null && !(softcap > 0))) {
            throw new IllegalArgumentException("queryScalar %s, normEps %s, softcap %s: wanted positive numbers"
                    .formatted(queryScalar, normEps, softcap));
        }
    }

    /** Layer i is global where i + 1 is a multiple of {@code period}. */
    public static List<Span> pattern(int depth, int period) {
        if (depth < 0 || period < 1) {
            throw new IllegalArgumentException(
                    "%d layers, every %d-th global: wanted 0 or more, and 1 or more".formatted(depth, period));
        }
        return IntStream.range(0, depth)
                .mapToObj(i -> (i + 1) % period == 0 ? Span.GLOBAL : Span.LOCAL)
                .toList();
    }

    /** The id itself where the vocabulary has it, else an error: libtorch's own would name no token. */
    int requireToken(int id) {
        if (id < 0 || id >= vocabSize) {
            throw new IllegalArgumentException("token %d: the vocabulary has %d".formatted(id, vocabSize));
        }
        return id;
    }

    /** Number of layers. */
    public int depth() {
        return layers.size();
    }

    /** How many of the layers are global. */
    public int numGlobal() {
        return (int) layers.stream().filter(x -> x == Span.GLOBAL).count();
    }

    /** In a local layer tokens less than this apart may see one another. */
    public int reach() {
        return bidirectional ? window / 2 + 1 : window;
    }

    /** Parameters of the embedding, and of the head where it is not tied. */
    public long embeddingParameters() {
        return (tied ? 1L : 2L) * vocabSize * width;
    }

    /** All other parameters. */
    public long layerParameters() {
        long attn = 2L * numHeads * headDim * width + 2L * numKvHeads * headDim * width + 2L * headDim;
        long mlp = 3L * mlpDim * width;
        return depth() * (attn + mlp + 4L * width) + width;
    }

    /** Bytes of keys and values of one text of {@code tokens} tokens: local layers keep a window, global ones all. */
    public long cacheBytes(long tokens, double bytesPerValue) {
        long slots = numGlobal() * tokens + (depth() - numGlobal()) * Math.min(tokens, window);
        return Math.round(2.0 * numKvHeads * headDim * slots * bytesPerValue);
    }

    /** Bytes of keys and values where every layer keeps all tokens. */
    public long fullCacheBytes(long tokens, double bytesPerValue) {
        return Math.round(2.0 * numKvHeads * headDim * depth() * tokens * bytesPerValue);
    }
}
