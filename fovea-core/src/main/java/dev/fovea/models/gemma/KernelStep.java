package dev.fovea.models.gemma;

import dev.fovea.kernel.Kernels;
import dev.fovea.kernel.Workers;
import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.models.gemma.KernelWeights.Layer;

/**
 * One token through all layers in plain Java: the arithmetic of {@link Decoder} for one text, activations in float32, keys and
 * values in bfloat16.
 */
final class KernelStep {

    private final DecoderConfig config;
    private final KernelWeights weights;
    private final Workers workers;
    private final KernelCache cache;
    private final float[] stream;
    private final float[] normed;
    private final float[] queryKeyValue;
    private final float[] queries;
    private final float[] attended;
    private final float[] branch;
    private final float[] gateUp;
    private final float[] gated;
    private final Turn local;
    private final Turn global;

    KernelStep(DecoderConfig config, KernelWeights weights, Workers workers, KernelCache cache) {
        this.config = config;
        this.weights = weights;
        this.workers = workers;
        this.cache = cache;
        this.stream = new float[config.width()];
        this.normed = new float[config.width()];
        this.queries = new float[config.numHeads() * config.headDim()];
        this.queryKeyValue = new float[queries.length + 2 * config.numKvHeads() * config.headDim()];
        this.attended = new float[queries.length];
        this.branch = new float[config.width()];
        this.gateUp = new float[2 * config.mlpDim()];
        this.gated = new float[config.mlpDim()];
        this.local = new Turn(config.headDim(), config.local());
        this.global = new Turn(config.headDim(), config.global());
    }

    /** The logits after one more token. */
    float[] logits(int id) {
        float[] x = stream; // [D]
        weights.tokens().row(id, x);
        for (int d = 0; d < x.length; d++) {
            x[d] *= weights.root();
        }
        int position = cache.length();
        local.to(position);
        global.to(position);
        for (int i = 0; i < weights.layers().size(); i++) {
            Layer layer = weights.layers().get(i);
            norm(x, layer.preAttn(), normed);
            attend(layer, i, position);
            layer.out().times(attended, branch, workers);
            addNormed(x, layer.postAttn());
            norm(x, layer.preMlp(), normed);
            layer.gateUp().times(normed, gateUp, workers);
            Kernels.gatedGelu(gateUp, gated, workers);
            layer.down().times(gated, branch, workers);
            addNormed(x, layer.postMlp());
        }
        cache.extend(1);
        norm(x, weights.norm(), normed);
        return head(normed);
    }

    /** The logits of a token from its stream after the final norm. */
    float[] head(float[] x) { // [D]
        var logits = new float[weights.head().rows()];
        weights.head().times(x, logits, workers);
        Double cap = config.softcap();
        if (cap != null) {
            for (int i = 0; i < logits.length; i++) {
                logits[i] = (float) (cap * Math.tanh(logits[i] / cap));
            }
        }
        return logits;
    }

    private void attend(Layer layer, int i, int position) {
        layer.queryKeyValue().times(normed, queryKeyValue, workers);
        Turn turn = config.layers().get(i) == Span.LOCAL ? local : global;
        int headDim = config.headDim();
        float scale = (float) (1 / Math.sqrt(config.queryScalar()));
        for (int head = 0; head < config.numHeads(); head++) {
            int at = head * headDim;
            norm(queryKeyValue, at, layer.queryNorm(), scale, queries, at);
            turn.rotate(queries, at);
        }
        int keys = queries.length;
        for (int head = 0; head < config.numKvHeads(); head++) {
            int at = keys + head * headDim;
            norm(queryKeyValue, at, layer.keyNorm(), 1, queryKeyValue, at);
            turn.rotate(queryKeyValue, at);
        }
        int values = keys + config.numKvHeads() * headDim;
        cache.layer(i).put(position, queryKeyValue, keys, queryKeyValue, values);
        cache.layer(i).attend(queries, position, attended, workers);
    }

    private void addNormed(float[] x, float[] factors) {
        norm(branch, factors, branch);
        for (int d = 0; d < x.length; d++) {
            x[d] += branch[d];
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
