package dev.fovea.models.gemma;

import static java.util.Objects.requireNonNull;

import dev.fovea.kernel.Kernels;
import dev.fovea.kernel.KvRows;
import dev.fovea.kernel.Matrix;
import dev.fovea.kernel.Workers;
import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.models.gemma.KernelWeights.Layer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A few tokens of one text or of several through all layers in plain Java: the arithmetic of {@link Decoder}, activations in float32, keys and values
 * as the cache keeps them.
 */
final class KernelStep {

    private final DecoderConfig config;
    private final KernelWeights weights;
    private final Workers workers;

    /** Activations of as many tokens as share one reading of the weights. */
    private final Token[] tokens = new Token[Matrix.TOGETHER];

    /** The same by what they are, of one token, of two, and so on. */
    private final Vectors[] together = new Vectors[Matrix.TOGETHER];

    /** Logits that are given away until the next tokens. */
    private final List<float[]> logits = new ArrayList<>();

    private record Vectors(
            float[][] normed,
            float[][] queryKeyValue,
            float[][] attended,
            float[][] branch,
            float[][] gateUp,
            float[][] gated) {

        Vectors(List<Token> tokens) {
            this(
                    all(tokens, x -> x.normed),
                    all(tokens, x -> x.queryKeyValue),
                    all(tokens, x -> x.attended),
                    all(tokens, x -> x.branch),
                    all(tokens, x -> x.gateUp),
                    all(tokens, x -> x.gated));
        }

        private static float[][] all(List<Token> tokens, Function<Token, float[]> which) {
            return tokens.stream().map(which).toArray(float[][]::new);
        }
    }

    /** A token that is to be fed, and the text that it continues. */
    record Fresh(KernelCache cache, int id) {}

    private static final class Token {
        private final Turn local;
        private final Turn global;
        private final float[] stream;
        private final float[] normed;
        private final float[] queryKeyValue;
        private final float[] queries;
        private final float[] attended;
        private final float[] branch;
        private final float[] gateUp;
        private final float[] gated;

        Token(DecoderConfig config) {
            local = new Turn(config.headDim(), config.local());
            global = new Turn(config.headDim(), config.global());
            stream = new float[config.width()];
            normed = new float[config.width()];
            queries = new float[config.numHeads() * config.headDim()];
            queryKeyValue = new float[queries.length + 2 * config.numKvHeads() * config.headDim()];
            attended = new float[queries.length];
            branch = new float[config.width()];
            gateUp = new float[2 * config.mlpDim()];
            gated = new float[config.mlpDim()];
        }
    }

    KernelStep(DecoderConfig config, KernelWeights weights, Workers workers) {
        this.config = config;
        this.weights = weights;
        this.workers = workers;
        Arrays.setAll(tokens, i -> new Token(config));
        Arrays.setAll(together, i -> new Vectors(List.of(tokens).subList(0, i + 1)));
    }

    /** The logits after some more tokens of a text, one or more. */
    float[] logits(KernelCache cache, int... ids) {
        List<float @Nullable []> logits = feed(fresh(cache, ids), i -> i == ids.length - 1);
        return requireNonNull(logits.getLast());
    }

    /** The logits after each of some more tokens of a text. */
    float[][] each(KernelCache cache, int... ids) {
        return feed(fresh(cache, ids), _ -> true).toArray(float[][]::new);
    }

    private static List<Fresh> fresh(KernelCache cache, int... ids) {
        return IntStream.of(ids).mapToObj(id -> new Fresh(cache, id)).toList();
    }

    /**
     * Feeds tokens of one text or of several; those of a text in their order.
     *
     * @param wanted after which of them logits are
     * @return the logits of each token, in arrays that the next call uses again; null where they are not wanted
     */
    List<float @Nullable []> feed(List<Fresh> fresh, IntPredicate wanted) {
        var found = new ArrayList<float @Nullable []>(Collections.nCopies(fresh.size(), null));
        int used = 0;
        for (int at = 0; at < fresh.size(); at += tokens.length) {
            int count = Math.min(tokens.length, fresh.size() - at);
            forward(fresh.subList(at, at + count));
            int first = at;
            int[] ends = IntStream.range(0, count)
                    .filter(t -> wanted.test(first + t))
                    .toArray();
            var streams = new float[ends.length][];
            var into = new float[ends.length][];
            for (int i = 0; i < ends.length; i++) {
                Token end = tokens[ends[i]];
                norm(end.stream, weights.norm(), end.normed);
                streams[i] = end.normed;
                into[i] = logits(used++);
                found.set(at + ends[i], into[i]);
            }
            heads(streams, into);
        }
        return found;
    }

    private float[] logits(int index) {
        if (index == logits.size()) {
            logits.add(new float[weights.head().rows()]);
        }
        return logits.get(index);
    }

    private void forward(List<Fresh> all) {
        Vectors vectors = together[all.size() - 1];
        var positions = new int[all.size()];
        for (int t = 0; t < positions.length; t++) {
            KernelCache cache = all.get(t).cache();
            positions[t] = cache.length();
            for (int before = 0; before < t; before++) {
                positions[t] += all.get(before).cache() == cache ? 1 : 0;
            }
            float[] x = tokens[t].stream; // [D]
            weights.tokens().row(all.get(t).id(), x);
            for (int d = 0; d < x.length; d++) {
                x[d] *= weights.root();
            }
        }
        for (int i = 0; i < weights.layers().size(); i++) {
            Layer layer = weights.layers().get(i);
            for (int t = 0; t < positions.length; t++) {
                norm(tokens[t].stream, layer.preAttn(), tokens[t].normed);
            }
            layer.queryKeyValue().times(vectors.normed, vectors.queryKeyValue, workers);
            attend(layer, i, all, positions);
            layer.out().times(vectors.attended, vectors.branch, workers);
            for (int t = 0; t < positions.length; t++) {
                addNormed(tokens[t], layer.postAttn());
                norm(tokens[t].stream, layer.preMlp(), tokens[t].normed);
            }
            layer.gateUp().times(vectors.normed, vectors.gateUp, workers);
            for (int t = 0; t < positions.length; t++) {
                Kernels.gatedGelu(tokens[t].gateUp, tokens[t].gated, workers);
            }
            layer.down().times(vectors.gated, vectors.branch, workers);
            for (int t = 0; t < positions.length; t++) {
                addNormed(tokens[t], layer.postMlp());
            }
        }
        all.forEach(x -> x.cache().extend(1));
    }

    /** The logits of a token from its stream after the final norm. */
    float[] head(float[] x) { // [D]
        var logits = new float[weights.head().rows()];
        heads(new float[][] {x}, new float[][] {logits});
        return logits;
    }

    private void heads(float[][] xs, float[][] logits) { // [T][D], [T][V]
        weights.head().times(xs, logits, workers);
        Double cap = config.softcap();
        if (cap != null) {
            for (float[] row : logits) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = (float) (cap * Math.tanh(row[i] / cap));
                }
            }
        }
    }

    /** One token after the other: in a ring, the next takes the place of one that this still sees. */
    private void attend(Layer layer, int i, List<Fresh> fresh, int... positions) {
        boolean isLocal = config.layers().get(i) == Span.LOCAL;
        for (int t = 0; t < positions.length; t++) {
            Token x = tokens[t];
            Turn turn = isLocal ? x.local : x.global;
            turn.to(positions[t]);
            attend(layer, fresh.get(t).cache().layer(i), turn, x, positions[t]);
        }
    }

    private void attend(Layer layer, KvRows rows, Turn turn, Token x, int position) {
        int headDim = config.headDim();
        float scale = (float) (1 / Math.sqrt(config.queryScalar()));
        for (int head = 0; head < config.numHeads(); head++) {
            int at = head * headDim;
            norm(x.queryKeyValue, at, layer.queryNorm(), scale, x.queries, at);
            turn.rotate(x.queries, at);
        }
        int keys = x.queries.length;
        for (int head = 0; head < config.numKvHeads(); head++) {
            int at = keys + head * headDim;
            norm(x.queryKeyValue, at, layer.keyNorm(), 1, x.queryKeyValue, at);
            turn.rotate(x.queryKeyValue, at);
        }
        int values = keys + config.numKvHeads() * headDim;
        rows.put(position, x.queryKeyValue, keys, x.queryKeyValue, values);
        rows.attend(x.queries, position, x.attended, workers);
    }

    private void addNormed(Token x, float[] factors) {
        norm(x.branch, factors, x.branch);
        for (int d = 0; d < x.branch.length; d++) {
            x.stream[d] += x.branch[d];
        }
    }

    private void norm(float[] x, float[] factors, float[] y) {
        norm(x, 0, factors, 1, y, 0);
    }

    /** {@code y = x · rsqrt(mean(x²) + ε) · factors · scale}, over as many values as there are factors. */
    private void norm(float[] x, int from, float[] factors, float scale, float[] y, int to) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int whole = factors.length - factors.length % 4;
        for (int i = 0; i < whole; i += 4) { // four sums, so that one addition need not wait for the last
            a += x[from + i] * x[from + i];
            b += x[from + i + 1] * x[from + i + 1];
            c += x[from + i + 2] * x[from + i + 2];
            d += x[from + i + 3] * x[from + i + 3];
        }
        for (int i = whole; i < factors.length; i++) {
            a += x[from + i] * x[from + i];
        }
        double mean = ((double) a + b + c + d) / factors.length;
        float factor = (float) (scale / Math.sqrt(mean + config.normEps()));
        for (int i = 0; i < factors.length; i++) {
            y[to + i] = x[from + i] * factor * factors[i];
        }
    }

    /** Rotary turns of one position, float32 angles as {@link dev.fovea.nn.Rope} has them. */
    private static final class Turn {
        private final float[] frequencies;
        private final float[] cos;
        private final float[] sin;
        private int position = -1;

        Turn(int headDim, Rotation rotation) {
            frequencies = new float[headDim / 2];
            cos = new float[headDim / 2];
            sin = new float[headDim / 2];
            for (int j = 0; j < frequencies.length; j++) {
                float exponent = 2f * j / headDim;
                frequencies[j] = (float) (1 / Math.pow(rotation.theta(), exponent) / rotation.divisor());
            }
        }

        void to(int position) {
            if (position == this.position) {
                return;
            }
            this.position = position;
            for (int j = 0; j < frequencies.length; j++) {
                float angle = position * frequencies[j];
                cos[j] = (float) Math.cos(angle);
                sin[j] = (float) Math.sin(angle);
            }
        }

        void rotate(float[] x, int at) {
            int half = frequencies.length;
            for (int j = 0; j < half; j++) {
                float first = x[at + j];
                float second = x[at + half + j];
                x[at + j] = first * cos[j] - second * sin[j];
                x[at + half + j] = second * cos[j] + first * sin[j];
            }
        }
    }
}
