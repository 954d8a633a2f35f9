package dev.fovea.models.gemma;

import dev.fovea.kernel.Kernels;
import dev.fovea.kernel.Workers;
import java.lang.foreign.Arena;

/**
 * A Gemma's decoder ready for fast decoding: its weights in a format of {@link dev.fovea.kernel}, and the threads that multiply
 * them. Several {@link KernelDecoding} may stand on one.
 */
public final class GemmaKernels implements AutoCloseable {

    private final Gemma model;
    private final Arena arena = Arena.ofShared();
    private final KernelWeights weights;
    private final Workers workers;

    private GemmaKernels(Gemma model, WeightFormat format, int threads) {
        this.model = model;
        this.weights = KernelWeights.of(model.text(), format, arena);
        this.workers = new Workers(threads);
    }

    /**
     * Packs a model's weights, and runs the loops until they are compiled. The model must stay open: prompts go through it, and
     * bfloat16 weights are multiplied where it has them.
     */
    public static GemmaKernels of(Gemma model, WeightFormat format, int threads) {
        if (model.config().text().bidirectional()) {
            throw new IllegalArgumentException("this Gemma is a text encoder; it has vectors and writes no text");
        }
        var kernels = new GemmaKernels(model, format, threads);
        Kernels.warmUp();
        return kernels;
    }

    /** A new text; closing it leaves this. */
    public KernelDecoding decoding() {
        return new KernelDecoding(model, weights, workers);
    }

    /** Bytes of weights that every token reads. */
    public long bytes() {
        return weights.bytes();
    }

    @Override
    public void close() {
        workers.close();
        arena.close();
    }
}
