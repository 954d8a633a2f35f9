package dev.fovea.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One answer while it is being written: what was chosen so far, and how the next token is. */
final class Continuation {

    private final GenerationConfig config;
    private final Sampler sampler;
    private final int promptLength;
    private final List<Double> logprobs = new ArrayList<>();
    private int[] history;
    private boolean ended;

    /** Nothing written yet after the tokens that rules see before the answer. */
    Continuation(GenerationConfig config, int... prompt) {
        this.config = config;
        this.sampler =
                new Sampler(config.sampling(), config.rules(prompt.length).toArray(LogitsProcessor[]::new));
        this.promptLength = prompt.length;
        this.history = prompt.clone();
    }

    /** The next token, by the model's logits {@code [V]}. */
    int choose(float[] logits) {
        int id = sampler.next(logits, history);
        add(id, Logprobs.of(logits, id));
        return id;
    }

    /** The same where another model has proposed a token. */
    int choose(float[] logits, Draft.Token proposed) {
        int id = sampler.next(logits, proposed, history);
        add(id, Logprobs.of(logits, id));
        return id;
    }

    private void add(int id, double logprob) {
        logprobs.add(logprob);
        history = Arrays.copyOf(history, history.length + 1);
        history[history.length - 1] = id;
        ended = config.ends().contains(id);
    }

    /** Whether the last token ended the answer. */
    boolean ended() {
        return ended;
    }

    /** Whether nothing may follow: it ended, or is as long as it may be. */
    boolean isDone() {
        return ended || size() >= config.maxNewTokens();
    }

    int promptLength() {
        return promptLength;
    }

    /** Tokens written so far. */
    int size() {
        return logprobs.size();
    }

    int lastId() {
        return history[history.length - 1];
    }

    /** Logarithm of the model's own probability of the last token. */
    double lastLogprob() {
        return logprobs.getLast();
    }

    /** Prompt and answer so far; not to be changed. */
    int[] history() {
        return history;
    }

    Generator.Answer answer() {
        return new Generator.Answer(
                Arrays.copyOfRange(history, promptLength, history.length),
                logprobs.stream().mapToDouble(Double::doubleValue).toArray(),
                ended);
    }
}
