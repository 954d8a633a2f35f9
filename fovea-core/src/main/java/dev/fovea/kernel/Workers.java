package dev.fovea.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share the rows of one product after another. They look for work a short while and then sleep: pure looking is
 * right on idle cores and ruinous on busy ones. The calling thread takes a share itself; products of several callers come
 * one after the other.
 */
public final class Workers implements AutoCloseable {

    private static final int SPINS = 2_000;

    /** Work on a part of the rows. */
    @FunctionalInterface
    public interface Range {

        /** Does the rows from {@code from} on, before {@code to}. */
        void run(int from, int to);
    }

    /** Rows that threads take in pieces, larger ones first, so that one that is held up does not hold up the others. */
    private static final class Task {
        private final Range range;
        private final int count;
        private final int threads;
        private final Thread caller = Thread.currentThread();
        private final AtomicInteger next = new AtomicInteger();

        Task(Range range, int count, int threads) {
            this.range = range;
            this.count = count;
            this.threads = threads;
        }

        void run() {
            for (int from = next.get(); from < count; from = next.get()) {
                int to = from + Math.max(1, (count - from) / (2 * threads));
                if (next.compareAndSet(from, to)) {
                    range.run(from, to);
                }
            }
        }
    }

    private final Thread[] threads;
    private final AtomicInteger left = new AtomicInteger();
    private volatile @Nullable Task task;
    private volatile int round;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    /** So many threads, the caller's included; no more than the machine has processors. */
    public Workers(int numThreads) {
        if (numThreads < 1) {
            throw new IllegalArgumentException("%d threads, wanted 1 or more".formatted(numThreads));
        }
        int all = Math.min(numThreads, Runtime.getRuntime().availableProcessors());
        threads = new Thread[all - 1];
        for (int i = 0; i < threads.length; i++) {
            threads[i] =
                    Thread.ofPlatform().daemon().name("fovea-kernel-" + (i + 1)).start(this::work);
        }
    }

    /** Threads that share a product, the caller's included. */
    public int size() {
        return threads.length + 1;
    }

    /** Runs {@code range} over 0 to {@code count} in pieces, several a thread; returns when all are done. */
    public synchronized void split(int count, Range range) {
        if (closed) {
            throw new IllegalStateException("these workers are closed");
        }
        if (threads.length == 0 || count < size()) {
            range.run(0, count);
            return;
        }
        var shared = new Task(range, count, size());
        failure = null; // of a product whose caller failed as well
        left.set(threads.length);
        task = shared;
        round++;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
        try {
            shared.run();
        } finally {
            for (int spins = 0; left.get() > 0; spins++) {
                pause(spins);
            }
        }
        Throwable failed = failure;
        if (failed != null) {
            throw new IllegalStateException("a part of a product failed: " + failed, failed);
        }
    }

    private void work() {
        int seen = 0;
        while (true) {
            for (int spins = 0; round == seen; spins++) {
                if (closed) {
                    return;
                }
                pause(spins);
            }
            seen = round;
            Task shared = task;
            if (shared == null) {
                continue;
            }
            try {
                shared.run();
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                if (left.decrementAndGet() == 0) {
                    LockSupport.unpark(shared.caller);
                }
            }
        }
    }

    private void pause(int spins) {
        if (spins < SPINS) {
            Thread.onSpinWait();
        } else {
            LockSupport.park(this);
        }
    }

    /** Ends the threads; a product that is running is finished first. */
    @Override
    public synchronized void close() {
        closed = true;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
    }
}
