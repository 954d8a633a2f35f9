package dev.fovea.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Closes a stream from which nothing has come for too long, so that its reader is freed with an {@link IOException}. */
final class Watchdog implements AutoCloseable {

    private final long nanos;
    private final InputStream stream;
    private final Thread thread;
    private volatile long last = System.nanoTime();

    Watchdog(Duration patience, InputStream stream) {
        this.nanos = patience.toNanos();
        this.stream = stream;
        this.thread = Thread.ofVirtual().start(this::watch);
    }

    /** Something came. */
    void alive() {
        last = System.nanoTime();
    }

    private void watch() {
        try {
            for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - last)) {
                Thread.sleep(Duration.ofNanos(left));
            }
            stream.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // all came
        } catch (IOException e) {
            // the reader sees the same
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
