package dev.fovea.generate;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer that a {@link ContinuousBatch} is writing, or will. Its tokens can be taken as they come, by one thread or by
 * several that share them; closing it cancels what is not finished. Safe for any thread.
 */
public final class Answering implements AutoCloseable {

    /** Why an answer ended. */
    public enum Ending {
        /** A token that ends a text came. */
        END,
        /** A stop string came. */
        STOP,
        /** It is as long as it may be. */
        LENGTH,
        /** The caller cancelled it, or the batch was closed. */
        CANCELLED
    }

    /**
     * A token of the answer.
     *
     * @param text the characters that are certain with it, often none; those of all tokens together are the answer
     * @param logprob logarithm of the model's own probability, before rules and sampling
     * @param top the likeliest tokens in its place, as many as were asked for
     */
    public record Token(int id, String text, double logprob, List<Logprobs.Entry> top) {}

    /**
     * A whole answer.
     *
     * @param tokens an end among them
     * @param waitedSeconds before its prompt was begun
     * @param promptSeconds from there to the first token
     * @param seconds from the first token to the last
     */
    public record Outcome(
            String text,
            int promptTokens,
            List<Token> tokens,
            Ending ending,
            double waitedSeconds,
            double promptSeconds,
            double seconds) {}

    private final int promptTokens;
    private final Runnable onCancel;
    private final List<Token> tokens = new ArrayList<>();
    private final long submitted = System.nanoTime();
    private long begun;
    private long first;
    private long last;
    private int taken;
    private boolean cancelled;
    private @Nullable Outcome outcome;
    private @Nullable Throwable failure;

    Answering(int promptTokens, Runnable onCancel) {
        this.promptTokens = promptTokens;
        this.onCancel = onCancel;
    }

    /**
     * The next token that nobody took; waits for it.
     *
     * @return null after the last
     * @throws IllegalStateException where the answer failed
     */
    public synchronized @Nullable Token next() throws InterruptedException {
        while (taken == tokens.size() && !isDone()) {
            wait();
        }
        if (taken < tokens.size()) {
            return tokens.get(taken++);
        }
        requireSound();
        return null;
    }

    /**
     * The whole answer; waits for its end. Of a cancelled one, what had come.
     *
     * @throws IllegalStateException where the answer failed
     */
    public synchronized Outcome await() throws InterruptedException {
        while (outcome == null) {
            requireSound();
            wait();
        }
        return outcome;
    }

    /** Whether it ended, for whatever reason. */
    public synchronized boolean isDone() {
        return outcome != null || failure != null;
    }

    /** Ends the answer before its next token; what it takes is freed then. Nothing happens to one that has ended. */
    public void cancel() {
        synchronized (this) {
            cancelled = true;
        }
        onCancel.run();
    }

    @Override
    public void close() {
        if (!isDone()) {
            cancel();
        }
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    synchronized void begin() {
        begun = System.nanoTime();
    }

    synchronized void add(Token token) {
        last = System.nanoTime();
        first = tokens.isEmpty() ? last : first;
        tokens.add(token);
        notifyAll();
    }

    synchronized void end(Ending ending) {
        var text = new StringBuilder();
        tokens.forEach(token -> text.append(token.text()));
        long start = begun == 0 ? System.nanoTime() : begun;
        outcome = new Outcome(
                text.toString(),
                promptTokens,
                List.copyOf(tokens),
                ending,
                (start - submitted) / 1e9,
                tokens.isEmpty() ? 0 : (first - start) / 1e9,
                (last - first) / 1e9);
        notifyAll();
    }

    synchronized void fail(Throwable cause) {
        failure = cause;
        notifyAll();
    }

    private void requireSound() {
        if (failure != null) {
            throw new IllegalStateException(String.valueOf(failure.getMessage()), failure);
        }
    }
}
