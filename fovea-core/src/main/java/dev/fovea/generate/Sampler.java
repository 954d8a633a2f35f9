package dev.fovea.generate;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** The choice of a token, of one sequence: logits go through processors, then the best is taken or one is drawn. */
public final class Sampler {

    private final SamplingConfig config;
    private final List<LogitsProcessor> processors;
    private final SplittableRandom random;
    /** What processors change, again and again: a token makes no garbage. */
    private float[] processed = {};

    /** A sampler; {@code rules} are applied before the configuration's own processors. */
    public Sampler(SamplingConfig config, LogitsProcessor... rules) {
        this.config = config;
        this.processors =
                Stream.concat(Stream.of(rules), config.processors().stream()).toList();
        this.random = new SplittableRandom(config.seed());
    }

    /**
     * The next token.
     *
     * @param logits {@code [V]} of the model; left as they are
     * @param history ids of prompt and answer so far
     * @return an id from 0 to V-1 whose processed logit is above negative infinity
     */
    public int next(float[] logits, int... history) {
        return choose(process(logits, history));
    }

    /**
     * The next token where another model has proposed one. Its distribution is that of {@link #next(float[], int...)}: a token
     * drawn from q is taken with probability min(1, p/q), and another is drawn from max(0, p − q) where it is not
     * (arXiv 2211.17192, section 2.3). Without q the token is compared with that which is chosen anyway.
     */
    int next(float[] logits, Draft.Token proposed, int... history) {
        float[] q = proposed.logits();
        float[] processed = process(logits, history);
        if (q == null || config.isGreedy()) {
            return choose(processed);
        }
        var p = new Probabilities(processed);
        var other = new Probabilities(q);
        int id = proposed.id();
        if (random.nextDouble() * other.of(id) < p.of(id)) {
            return id;
        }
        double[] rest = new double[processed.length];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = Math.max(0, p.of(i) - (i < q.length ? other.of(i) : 0));
        }
        double sum = Arrays.stream(rest).sum();
        return sum > 0 ? draw(rest, sum) : choose(processed); // nothing but rounding lies between them
    }

    /** The logits after all processors: themselves where there are none, otherwise in an array that the next call uses again. */
    float[] process(float[] logits, int... history) {
        if (processors.isEmpty()) {
            return logits;
        }
        if (processed.length != logits.length) {
            processed = new float[logits.length];
        }
        System.arraycopy(logits, 0, processed, 0, logits.length);
        for (LogitsProcessor processor : processors) {
            processor.process(processed, history);
        }
        return processed;
    }

    /** The best of processed logits, or one drawn by them. */
    int choose(float[] processed) {
        if (config.isGreedy()) {
            return Probabilities.best(processed);
        }
        var probabilities = new Probabilities(processed);
        double left = random.nextDouble();
        int last = 0;
        for (int id = 0; id < processed.length; id++) {
            if (processed[id] == Float.NEGATIVE_INFINITY) {
                continue;
            }
            last = id;
            left -= probabilities.of(id);
            if (left < 0) {
                break;
            }
        }
        return last; // rounding may leave a rest after the last one
    }

    private int draw(double[] weights, double sum) {
        double left = random.nextDouble() * sum;
        int last = 0;
        for (int id = 0; id < weights.length; id++) {
            if (weights[id] > 0) {
                last = id;
                left -= weights[id];
                if (left < 0) {
                    break;
                }
            }
        }
        return last; // rounding may leave a rest after the last one
    }
}
