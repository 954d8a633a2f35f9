package dev.fovea.models.vit;

import dev.fovea.checkpoint.StoredTensor;
import java.nio.file.Path;
import java.util.SequencedMap;
import java.util.stream.Stream;

/** Sizes that the shapes of a big_vision checkpoint tell. */
public record BigVisionShapes(Path path, SequencedMap<String, StoredTensor> stored) {

    /**
     * Sizes of an encoder.
     *
     * @param depth number of blocks
     */
    public record Layers(int depth, int mlpDim, int numHeads) {}

    /** The encoder below a prefix such as {@code Transformer/}, its layers stacked or not. */
    public Layers layers(String prefix) {
        boolean scanned = stored.containsKey(prefix + "encoderblock/LayerNorm_0/scale");
        String block = prefix + (scanned ? "encoderblock/" : "encoderblock_0/");
        int axis = scanned ? 1 : 0;
        long[] query = of(block + "MultiHeadDotProductAttention_0/query/kernel"); // [(L,) D, H, Dh]
        long[] up = of(block + "MlpBlock_0/Dense_0/kernel"); // [(L,) D, F]
        long depth = scanned
                ? query[0]
                : Stream.iterate(
                                0,
                                i -> stored.containsKey("%sencoderblock_%d/LayerNorm_0/scale".formatted(prefix, i)),
                                i -> i + 1)
                        .count();
        return new Layers((int) depth, (int) up[axis + 1], (int) query[axis + 1]);
    }

    /**
     * The shape of a tensor.
     *
     * @throws IllegalArgumentException where there is none of that name
     */
    public long[] of(String name) {
        StoredTensor x = stored.get(name);
        if (x == null) {
            throw new IllegalArgumentException("%s: no %s; not such a network of big_vision".formatted(path, name));
        }
        return x.shape();
    }

    /** The length of a vector, 0 where there is none of that name. */
    public int firstOrZero(String name) {
        return stored.containsKey(name) ? (int) of(name)[0] : 0;
    }
}
