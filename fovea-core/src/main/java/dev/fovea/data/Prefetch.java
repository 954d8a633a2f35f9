package dev.fovea.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Batches made ahead of the step by worker threads. {@code depth} batches are in the making or ready, one more is in the caller's
 * hands, and their buffers go round: nothing is allocated a step. Several threads work on the rows of one batch, so that the first
 * comes soon and memory does not grow with the number of threads.
 *
 * <p>An error in a worker comes out of {@link #at} of its step; of several in a batch, that of the first row.
 */
public final class Prefetch<B> implements Batches<B> {

    private final Rows<B> rows;
    private final int depth;
    private final long steps;
    private final int chunk;
    private final List<Thread> threads = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition ready = lock.newCondition();
    private final ArrayDeque<Job<B>> pending = new ArrayDeque<>();
    private final ArrayDeque<B> free = new ArrayDeque<>();
    private @Nullable Job<B> handedOut;
    private long nextStep;
    private boolean started;
    private boolean closed;
    private Waiting waiting = new Waiting(0, 0, 0);

    /**
     * Starts {@code workers} threads; they begin with the first step asked for.
     *
     * @param depth batches made ahead, at least 1
     * @param steps how many there are; {@link Long#MAX_VALUE} for a run without end
     */
    public Prefetch(Rows<B> rows, int workers, int depth, long steps) {
        if (workers < 1 || depth < 1) {
            throw new IllegalArgumentException(
                    "workers, prefetch: wanted at least 1 each, found %d and %d".formatted(workers, depth));
        }
        this.rows = rows;
        this.depth = depth;
        this.steps = steps;
        this.chunk = Math.clamp(rows.count() / (4L * workers), 1, 16);
        for (int i = 0; i <= depth; i++) {
            free.add(rows.fresh());
        }
        for (int i = 0; i < workers; i++) {
            threads.add(Thread.ofPlatform().daemon().name("fovea-data-" + i).start(this::run));
        }
    }

    @Override
    public B at(long step) {
        if (step < 0 || step >= steps) {
            throw new IndexOutOfBoundsException("step: wanted 0 to %d, found %d".formatted(steps - 1, step));
        }
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("these batches are closed");
            }
            Job<B> again = handedOut;
            if (again != null && again.step == step) {
                return again.batch;
            }
            if (again != null) {
                free.add(again.batch);
                handedOut = null;
            }
            startAt(step);
            work.signalAll();
            return take();
        } finally {
            lock.unlock();
        }
    }

    /** What waiting for data has cost so far. */
    public Waiting waiting() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            ready.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void startAt(long step) {
        Job<B> head = pending.peekFirst();
        if (head == null ? started && nextStep == step : head.step == step) {
            return;
        }
        for (Job<B> job : pending) {
            job.abandoned = true;
            if (job.inFlight == 0) {
                free.add(job.batch);
            }
        }
        pending.clear();
        nextStep = step;
        started = true;
    }

    private B take() {
        long since = System.nanoTime();
        boolean late = false;
        while (!closed && (pending.isEmpty() || !pending.getFirst().finished)) {
            late = true;
            try {
                ready.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for a batch");
            }
        }
        if (closed) {
            throw new IllegalStateException("these batches were closed while one was waited for");
        }
        waiting = new Waiting(
                waiting.batches() + 1,
                waiting.late() + (late ? 1 : 0),
                waiting.nanos() + (late ? System.nanoTime() - since : 0));
        Job<B> job = pending.removeFirst();
        switch (job.error) {
            case null -> {}
            case RuntimeException e -> throw failed(job, e);
            case Error e -> {
                free.add(job.batch);
                throw e;
            }
            default -> throw failed(job, new IllegalStateException(job.error));
        }
        handedOut = job;
        work.signalAll();
        return job.batch;
    }

    private RuntimeException failed(Job<B> job, RuntimeException e) {
        free.add(job.batch);
        return e;
    }

    private void run() {
        while (true) {
            Job<B> job;
            int from;
            int to;
            lock.lock();
            try {
                job = claim();
                while (job == null) {
                    if (closed) {
                        return;
                    }
                    work.awaitUninterruptibly();
                    job = claim();
                }
                from = job.claimed;
                to = Math.min(from + chunk, rows.count());
                job.claimed = to;
                job.inFlight++;
            } finally {
                lock.unlock();
            }
            boolean last = done(job, to - from, fill(job, from, to));
            if (last) {
                finished(job, finish(job));
            }
        }
    }

    private @Nullable Job<B> claim() {
        if (closed) {
            return null;
        }
        for (Job<B> job : pending) {
            if (job.claimed < rows.count()) {
                return job;
            }
        }
        if (!started || nextStep >= steps || pending.size() >= depth || free.isEmpty()) {
            return null;
        }
        var job = new Job<>(nextStep++, free.removeFirst());
        pending.add(job);
        return job;
    }

    private @Nullable Failure fill(Job<B> job, int from, int to) {
        for (int row = from; row < to; row++) {
            try {
                rows.fill(job.batch, job.step, row);
            } catch (Throwable e) {
                return new Failure(row, e);
            }
        }
        return null;
    }

    private @Nullable Failure finish(Job<B> job) {
        try {
            rows.finish(job.batch, job.step);
            return null;
        } catch (Throwable e) {
            return new Failure(0, e);
        }
    }

    /** Whether the batch's rows are all made and the whole is to be finished, by this thread. */
    private boolean done(Job<B> job, int count, @Nullable Failure failure) {
        lock.lock();
        try {
            job.done += count;
            if (failure != null && (job.error == null || failure.row < job.errorRow)) {
                job.error = failure.error;
                job.errorRow = failure.row;
            }
            boolean all = job.done == rows.count();
            if (all && job.error == null && !job.abandoned) {
                return true;
            }
            settle(job, all);
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void finished(Job<B> job, @Nullable Failure failure) {
        lock.lock();
        try {
            job.error = failure == null ? null : failure.error;
            settle(job, true);
        } finally {
            lock.unlock();
        }
    }

    private void settle(Job<B> job, boolean all) {
        job.inFlight--;
        if (job.abandoned) {
            if (job.inFlight == 0) {
                free.add(job.batch);
                work.signalAll();
            }
        } else if (all) {
            job.finished = true;
            ready.signalAll();
        }
    }

    private record Failure(int row, Throwable error) {}

    private static final class Job<B> {
        final long step;
        final B batch;
        int claimed;
        int done;
        int inFlight;
        int errorRow;
        boolean finished;
        boolean abandoned;

        @Nullable
        Throwable error;

        Job(long step, B batch) {
            this.step = step;
            this.batch = batch;
        }
    }
}
