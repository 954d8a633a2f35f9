package dev.fovea.models.gemma;

import dev.fovea.kernel.Matrix;
import dev.fovea.kernel.Stacked;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A decoder's matrices as the kernels multiply them, and its norms as arrays. Query, key and value are one product, and so are
 * gate and up. Norms are 1 + w.
 *
 * @param tokens the embedding // [V, D]
 * @param root what its rows are multiplied by
 * @param layers from the first
 * @param norm before the head // [D]
 * @param head the embedding itself where the model ties them // [V, D]
 */
record KernelWeights(Matrix tokens, float root, List<Layer> layers, float[] norm, Matrix head) {

    /** One block. */
    record Layer(
            float[] preAttn,
            Stacked queryKeyValue,
            float[] queryNorm,
            float[] keyNorm,
            Stacked out,
            float[] postAttn,
            float[] preMlp,
            Stacked gateUp,
            Stacked down,
            float[] postMlp) {}

    /** Where weights come from, by the names of a {@link Gemma}'s parameters. */
    interface Source {

        /** A matrix {@code [rows, columns]}. */
        Matrix matrix(String name, int rows, int columns);

        /** The weights of a norm. */
        float[] vector(String name, int size);

        /** What embeddings are multiplied by: √D, rounded to the type that the weights had. */
        float root(int width);
    }

    static KernelWeights of(DecoderConfig c, Source source) {
        Matrix tokens = source.matrix(WeightFormat.TOKENS, c.vocabSize(), c.width());
        return new KernelWeights(
                tokens,
                source.root(c.width()),
                IntStream.range(0, c.depth())
                        .mapToObj(i -> layer(c, "text.layers.%d.".formatted(i), source))
                        .toList(),
                norm(source, "text.norm", c.width()),
                c.tied() ? tokens : source.matrix(WeightFormat.HEAD, c.vocabSize(), c.width()));
    }

    private static Layer layer(DecoderConfig c, String at, Source source) {
        int queries = c.numHeads() * c.headDim();
        int keys = c.numKvHeads() * c.headDim();
        return new Layer(
                norm(source, at + "pre_attn_norm", c.width()),
                new Stacked(List.of(
                        source.matrix(at + "attn.query.weight", queries, c.width()),
                        source.matrix(at + "attn.key.weight", keys, c.width()),
                        source.matrix(at + "attn.value.weight", keys, c.width()))),
                norm(source, at + "attn.query_norm", c.headDim()),
                norm(source, at + "attn.key_norm", c.headDim()),
                new Stacked(List.of(source.matrix(at + "attn.out.weight", c.width(), queries))),
                norm(source, at + "post_attn_norm", c.width()),
                norm(source, at + "pre_mlp_norm", c.width()),
                new Stacked(List.of(
                        source.matrix(at + "mlp.gate.weight", c.mlpDim(), c.width()),
                        source.matrix(at + "mlp.up.weight", c.mlpDim(), c.width()))),
                new Stacked(List.of(source.matrix(at + "mlp.down.weight", c.width(), c.mlpDim()))),
                norm(source, at + "post_mlp_norm", c.width()));
    }

    private static float[] norm(Source source, String name, int size) {
        float[] factors = source.vector(name + ".weight", size);
        for (int i = 0; i < factors.length; i++) {
            factors[i] += 1;
        }
        return factors;
    }

    /** The embeddings of tokens one after the other, times the root; zeros where {@code isSoft}. */
    float[] embed(int[] ids, boolean[] isSoft) { // [T], [T]
        int width = tokens.columns();
        var all = new float[ids.length * width];
        var row = new float[width];
        for (int i = 0; i < ids.length; i++) {
            if (!isSoft[i]) {
                tokens.row(ids[i], row);
                for (int d = 0; d < width; d++) {
                    all[i * width + d] = row[d] * root;
                }
            }
        }
        return all; // [T, D]
    }

    /** What a token reads, of its embedding nothing. */
    List<Matrix> matrices() {
        return Stream.concat(inner().stream(), Stream.of(head)).toList();
    }

    /** The matrices of the layers. */
    List<Matrix> inner() {
        return layers.stream()
                .flatMap(x -> Stream.of(x.queryKeyValue, x.out, x.gateUp, x.down))
                .flatMap(x -> x.parts().stream())
                .toList();
    }

    /** Bytes of {@link #matrices}. */
    long bytes() {
        return matrices().stream().mapToLong(Matrix::bytes).sum();
    }

    /** Bytes of all matrices and norms. */
    long memory() {
        long norms = norm.length;
        for (Layer x : layers) {
            norms += 4L * norm.length + x.queryNorm.length + x.keyNorm.length;
        }
        return bytes() + (head == tokens ? 0 : tokens.bytes()) + Float.BYTES * norms;
    }
}
