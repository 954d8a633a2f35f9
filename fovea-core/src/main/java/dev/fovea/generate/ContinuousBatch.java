package dev.fovea.generate;

import dev.fovea.text.Tokenizer;
import java.util.List;

/**
 * Answers to many callers from one model: requests come at any time, each with its own rules, are read in chunks between
 * the tokens of others, written together one pass a token, and leave as they end. What a request gets is what it would get
 * alone, up to the rounding of matrix products of other sizes.
 *
 * <p>Safe for any thread. The model is used by a thread of this batch alone, so nobody else may use it meanwhile; the
 * tokenizer is shared.
 *
 * <pre>{@code
 * try (var batch = new ContinuousBatch<>(new GemmaBatch(model.gemma()), model.tokenizer(), Limits.of(8, 32_768));
 *         Answering answer = batch.submit(Request.of(prompt, config))) {
 *     for (Token token = answer.next(); token != null; token = answer.next()) {
 *         show(token.text());
 *     }
 * }
 * }</pre>
 *
 * @param <P> prompts of the model
 */
public final class ContinuousBatch<P> implements AutoCloseable {

    private final BatchLoop<P, ?> loop;
    private final Tokenizer tokenizer;
    private final Limits limits;
    private final Thread thread;

    /**
     * What fits.
     *
     * @param maxTexts texts that are written at once
     * @param maxTokens tokens of all of them together, their longest answers counted
     * @param maxWaiting requests that wait for a place; more are refused
     * @param chunk tokens of prompts that are read in a pass beside answers: more begin sooner and hold up the others longer
     */
    public record Limits(int maxTexts, long maxTokens, int maxWaiting, int chunk) {

        public Limits {
            if (maxTexts < 1 || maxTokens < 1 || maxWaiting < 1 || chunk < 1) {
                throw new IllegalArgumentException(
                        "maxTexts %d, maxTokens %d, maxWaiting %d, chunk %d: each must be at least 1"
                                .formatted(maxTexts, maxTokens, maxWaiting, chunk));
            }
        }

        /** A queue of 64 requests, and prompts read in pieces of 64 tokens. */
        public static Limits of(int maxTexts, long maxTokens) {
            return new Limits(maxTexts, maxTokens, 64, 64);
        }
    }

    /**
     * What is asked.
     *
     * @param stops strings that end the answer and are not part of its text
     * @param topLogprobs how many of the likeliest tokens to tell at each place
     */
    public record Request<P>(P prompt, GenerationConfig config, List<String> stops, int topLogprobs) {

        public Request {
            stops = List.copyOf(stops);
            if (topLogprobs < 0) {
                throw new IllegalArgumentException("topLogprobs %d, wanted 0 or more".formatted(topLogprobs));
            }
        }

        /** Without stop strings and log-probabilities of other tokens. */
        public static <P> Request<P> of(P prompt, GenerationConfig config) {
            return new Request<>(prompt, config, List.of(), 0);
        }
    }

    /**
     * How full it is.
     *
     * @param waiting requests without a place
     * @param running texts being read or written
     * @param tokens of the {@link Limits#maxTokens}, reserved for them
     */
    public record Load(int waiting, int running, long tokens) {}

    /** Starts the batch's thread; the model stays open longer than this. */
    public <T extends TextBatch.Text> ContinuousBatch(TextBatch<P, T> model, Tokenizer tokenizer, Limits limits) {
        this.loop = new BatchLoop<>(model, limits);
        this.tokenizer = tokenizer;
        this.limits = limits;
        this.thread = Thread.ofPlatform().name("fovea-batch").daemon().start(loop);
    }

    /**
     * Takes a request.
     *
     * @throws IllegalArgumentException where it cannot be answered: a wrong prompt, or more tokens than the model or the
     *     limits have room for
     * @throws java.util.concurrent.RejectedExecutionException where too many wait already
     * @throws IllegalStateException after {@link #close}
     */
    public Answering submit(Request<P> request) {
        int[] ids = loop.ids(request.prompt());
        int answer = request.config().maxNewTokens();
        long most = Math.min(loop.contextLength(), limits.maxTokens());
        if ((long) ids.length + answer > most) {
            throw new IllegalArgumentException("a prompt of %d tokens and an answer of up to %d: there is room for %d"
                    .formatted(ids.length, answer, most));
        }
        var writing = new Writing<>(request, ids, tokenizer, loop::wake);
        loop.offer(writing);
        return writing.answering();
    }

    /** How full it is now. */
    public Load load() {
        return loop.load();
    }

    /** Cancels everything and waits until the thread has let go of the model. */
    @Override
    public void close() {
        loop.close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // a pass takes a moment and must not outlive the model
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
