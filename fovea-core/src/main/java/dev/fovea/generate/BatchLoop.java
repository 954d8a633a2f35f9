package dev.fovea.generate;

import dev.fovea.generate.Answering.Ending;
import dev.fovea.generate.ContinuousBatch.Limits;
import dev.fovea.generate.ContinuousBatch.Load;
import dev.fovea.generate.TextBatch.Share;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The thread of a {@link ContinuousBatch}: before each pass it lets go of what was cancelled and takes in what waits, then
 * it feeds one token of each answer and a piece of the prompts that were not read yet.
 */
final class BatchLoop<P, T extends TextBatch.Text> implements Runnable {

    /** So many tokens of prompts at a time where no answer would wait for them. */
    private static final int ALONE = 512;

    private final TextBatch<P, T> model;
    private final Limits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Writing<P>> waiting = new ArrayDeque<>(); // under the lock
    private final List<Seat<P, T>> seats = new ArrayList<>(); // of this thread alone
    private int running; // under the lock
    private long reserved; // under the lock
    private boolean closed; // under the lock

    /** A request and what the model keeps of its text. */
    private record Seat<P, T>(Writing<P> writing, T text) {}

    BatchLoop(TextBatch<P, T> model, Limits limits) {
        this.model = model;
        this.limits = limits;
    }

    int[] ids(P prompt) {
        return model.ids(prompt);
    }

    int contextLength() {
        return model.contextLength();
    }

    void offer(Writing<P> writing) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the batch is closed");
            }
            waiting.removeIf(BatchLoop::leftWaiting);
            if (waiting.size() >= limits.maxWaiting()) {
                throw new RejectedExecutionException(
                        "%d requests are waiting; no more are taken".formatted(waiting.size()));
            }
            waiting.add(writing);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    Load load() {
        lock.lock();
        try {
            return new Load(waiting.size(), running, reserved);
        } finally {
            lock.unlock();
        }
    }

    /** Something may have been cancelled. */
    void wake() {
        lock.lock();
        try {
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run() {
        Throwable failure = null;
        try {
            while (true) {
                seats.stream()
                        .filter(seat -> seat.writing().answering().isCancelled())
                        .toList()
                        .forEach(seat ->
                                leave(seat, () -> seat.writing().answering().end(Ending.CANCELLED)));
                List<Writing<P>> admitted = admit();
                if (admitted == null) {
                    break;
                }
                admitted.forEach(this::open);
                if (!seats.isEmpty()) {
                    step();
                }
            }
        } catch (Error | RuntimeException e) {
            failure = e; // nothing is known of the model's state after it
            throw e;
        } finally {
            endAll(failure);
        }
    }

    /** Those who find a place now, in the order in which they came; waits while there is nothing to do. Null at the end. */
    private @Nullable List<Writing<P>> admit() {
        lock.lock();
        try {
            var admitted = new ArrayList<Writing<P>>();
            while (!closed) {
                waiting.removeIf(BatchLoop::leftWaiting);
                while (!waiting.isEmpty()
                        && running < limits.maxTexts()
                        && reserved + waiting.peek().reserved() <= limits.maxTokens()) {
                    Writing<P> next = waiting.remove();
                    running++;
                    reserved += next.reserved();
                    admitted.add(next);
                }
                if (running > 0) {
                    return admitted;
                }
                changed.awaitUninterruptibly();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private static boolean leftWaiting(Writing<?> writing) {
        if (writing.answering().isCancelled()) {
            writing.answering().end(Ending.CANCELLED);
            return true;
        }
        return false;
    }

    private void open(Writing<P> writing) {
        writing.answering().begin();
        try {
            seats.add(new Seat<>(writing, model.open(writing.prompt())));
        } catch (RuntimeException e) {
            writing.answering().fail(e);
            free(writing);
        }
    }

    private void step() {
        boolean answers = seats.stream().anyMatch(seat -> seat.writing().hasBegun());
        int left = answers ? limits.chunk() : Math.max(limits.chunk(), ALONE);
        var fed = new ArrayList<Seat<P, T>>();
        var shares = new ArrayList<Share<T>>();
        for (Seat<P, T> seat : seats) {
            int most =
                    seat.writing().hasBegun() ? 1 : Math.min(left, seat.text().waiting());
            if (most > 0) {
                fed.add(seat);
                shares.add(new Share<>(seat.text(), most));
                left -= seat.writing().hasBegun() ? 0 : most;
            }
        }
        List<float @Nullable []> logits;
        try {
            logits = model.feed(shares);
        } catch (RuntimeException e) {
            fed.forEach(seat -> leave(seat, () -> seat.writing().answering().fail(e)));
            return;
        }
        for (int i = 0; i < fed.size(); i++) {
            float[] row = logits.get(i);
            if (row != null) {
                choose(fed.get(i), row);
            }
        }
    }

    private void choose(Seat<P, T> seat, float[] logits) {
        try {
            Ending ending = seat.writing().choose(logits);
            if (ending == null) {
                seat.text().add(seat.writing().lastId());
            } else {
                leave(seat, () -> seat.writing().answering().end(ending));
            }
        } catch (RuntimeException e) {
            leave(seat, () -> seat.writing().answering().fail(e));
        }
    }

    /** Frees the place first, so that a caller who learns of the end finds it free. */
    private void leave(Seat<P, T> seat, Runnable tell) {
        seats.remove(seat);
        seat.text().close();
        free(seat.writing());
        tell.run();
    }

    private void free(Writing<P> writing) {
        lock.lock();
        try {
            running--;
            reserved -= writing.reserved();
        } finally {
            lock.unlock();
        }
    }

    private void endAll(@Nullable Throwable failure) {
        close();
        List<Writing<P>> left = new ArrayList<>();
        lock.lock();
        try {
            left.addAll(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        List.copyOf(seats).forEach(seat -> leave(seat, () -> left.add(seat.writing())));
        for (Writing<P> writing : left) {
            if (failure == null) {
                writing.answering().end(Ending.CANCELLED);
            } else {
                writing.answering().fail(failure);
            }
        }
    }
}
