package dev.fovea.generate;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** The choice of a token, of one sequence: logits go through processors, then the best is taken or one is drawn. */
public final class Sampler {

    private final SamplingConfig config;
    private final List<LogitsProcessor> processors;
    private final SplittableRandom random;

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
        float[] processed = logits.clone();
        for (LogitsProcessor processor : processors) {
            processor.process(processed, history);
        }
        return config.isGreedy() ? Probabilities.best(processed) : draw(processed);
    }

    private int draw(float[] logits) {
        var probabilities = new Probabilities(logits);
        double left = random.nextDouble();
        int last = 0;
        for (int id = 0; id < logits.length; id++) {
            if (logits[id] == Float.NEGATIVE_INFINITY) {
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
}
