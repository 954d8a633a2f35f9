package dev.fovea.models.gemma;

import dev.fovea.kernel.Kernels;
import dev.fovea.kernel.KvRows;
import dev.fovea.kernel.Matrix;
import dev.fovea.kernel.Stacked;
import dev.fovea.kernel.Workers;
import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.models.gemma.KernelWeights.Layer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A few tokens of one text through all layers in plain Java: the arithmetic of {@link Decoder}, activations in float32, keys and values
 * as the cache keeps them.
 */
final class KernelStep {

    private final DecoderConfig config;
    private final KernelWeights weights;
    private final Workers workers;
    private final KernelCache cache;
    private final Turn local;
    private final Turn global;

    /** Activations of as many tokens as share one reading of the weights. */
    private final Token[] tokens = new Token[Matrix.TOGETHER];

    private static final class Token {
        private final float[] stream;
        private final float[] normed;
        private final float[] queryKeyValue;
        private final float[] queries;
        private final float[] attended;
        private final float[] branch;
        private final float[] gateUp;
        private final float[] gated;

        Token(DecoderConfig config) {
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

    KernelStep(DecoderConfig config, KernelWeights weights, Workers workers, KernelCache cache) {
        this.config = config;
        this.weights = weights;
        this.workers = workers;
        this.cache = cache;
        this.local = new Turn(config.headDim(), config.local());
        this.global = new Turn(config.headDim(), config.global());
        Arrays.setAll(tokens, i -> new Token(config));
    }

    /** The logits after some more tokens, one or more. */
    float[] logits(int... ids) {
        int last = 0;
        for (int at = 0; at < ids.length; at += last + 1) {
            last = Math.min(tokens.length, ids.length - at) - 1;
            forward(Arrays.copyOfRange(ids, at, at + last + 1));
        }
        norm(tokens[last].stream, weights.norm(), tokens[last].normed);
        return head(tokens[last].normed);
    }

    /** The logits after each of some more tokens. */
    float[][] each(int... ids) {
        var logits = new float[ids.length][];
        for (int at = 0; at < ids.length; at += tokens.length) {
            int count = Math.min(tokens.length, ids.length - at);
            forward(Arrays.copyOfRange(ids, at, at + count));
            var ends = new float[count][];
            for (int t = 0; t < count; t++) {
                norm(tokens[t].stream, weights.norm(), tokens[t].normed);
                ends[t] = tokens[t].normed;
            }
            System.arraycopy(heads(ends), 0, logits, at, count);
        }
        return logits;
    }

    private void forward(int... ids) {
        List<Token> fresh = Arrays.asList(tokens).subList(0, ids.length);
        for (int t = 0; t < ids.length; t++) {
            float[] x = tokens[t].stream; // [D]
            weights.tokens().row(ids[t], x);
            for (int d = 0; d < x.length; d++) {
                x[d] *= weights.root();
            }
        }
        for (int i = 0; i < weights.layers().size(); i++) {
            Layer layer = weights.layers().get(i);
            fresh.forEach(x -> norm(x.stream, layer.preAttn(), x.normed));
            times(layer.queryKeyValue(), fresh, x -> x.normed, x -> x.queryKeyValue);
            attend(layer, i, fresh);
            times(layer.out(), fresh, x -> x.attended, x -> x.branch);
            fresh.forEach(x -> addNormed(x, layer.postAttn()));
            fresh.forEach(x -> norm(x.stream, layer.preMlp(), x.normed));
            times(layer.gateUp(), fresh, x -> x.normed, x -> x.gateUp);
            fresh.forEach(x -> Kernels.gatedGelu(x.gateUp, x.gated, workers));
            times(layer.down(), fresh, x -> x.gated, x -> x.branch);
            fresh.forEach(x -> addNormed(x, layer.postMlp()));
        }
        cache.extend(ids.length);
    }

    private void times(
            Stacked matrix, List<Token> fresh, Function<Token, float[]> from, Function<Token, float[]> into) {
        matrix.times(vectors(fresh, from), vectors(fresh, into), workers);
    }

    private static float[][] vectors(List<Token> fresh, Function<Token, float[]> which) {
        return fresh.stream().map(which).toArray(float[][]::new);
    }

    /** The logits of a token from its stream after the final norm. */
    float[] head(float[] x) { // [D]
        return heads(x)[0];
    }

    private float[][] heads(float[]... xs) { // [T][D]
        var logits = new float[xs.length][weights.head().rows()];
        weights.head().times(xs, logits, workers);
        Double cap = config.softcap();
        if (cap != null) {
            for (float[] row : logits) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = (float) (cap * Math.tanh(row[i] / cap));
                }
            }
        }
        return logits;
    }

    /** One token after the other: in a ring, the next takes the place of one that this still sees. */
    private void attend(Layer layer, int i, List<Token> fresh) {
        Turn turn = config.layers().get(i) == Span.LOCAL ? local : global;
        for (int t = 0; t < fresh.size(); t++) {
            int position = cache.length() + t;
            turn.to(position);
            attend(layer, cache.layer(i), turn, fresh.get(t), position);
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
