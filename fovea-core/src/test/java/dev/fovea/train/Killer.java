package dev.fovea.train;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * Starts a training command again and again, and kills it (SIGKILL) at random moments.
 *
 * @param command trains in {@code folder} and resumes what it finds there
 * @param longest time after a start, counted from the first sign of life in the metrics, by which it is killed
 */
record Killer(List<String> command, Path folder, Duration longest, RandomGenerator random) {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    Killer(List<String> command, Path folder, Duration longest, long seed) {
        this(command, folder, longest, new Random(seed));
    }

    /** Kills so many processes at work; says how many were, which is fewer where the run ended before. */
    int kill(int times) throws Exception {
        for (int killed = 0; killed < times; killed++) {
            long before = sizeOfMetrics();
            Process process = start();
            try {
                if (!awaitLife(process, before) || process.waitFor(random.nextLong(longest.toMillis()), MILLISECONDS)) {
                    assertThat(process.exitValue()).as(log()).isZero();
                    return killed;
                }
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
        return times;
    }

    /** Lets the command run to its end. */
    void finish() throws Exception {
        Process process = start();
        try {
            assertThat(process.waitFor(PATIENCE.toMillis(), MILLISECONDS))
                    .as("ends in time")
                    .isTrue();
            assertThat(process.exitValue()).as(log()).isZero();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** Waits until the process has written a measurement; false where it ended first. */
    private boolean awaitLife(Process process, long before) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (sizeOfMetrics() == before && System.nanoTime() < deadline) {
            if (process.waitFor(2, MILLISECONDS)) {
                return false;
            }
        }
        return true;
    }

    private Process start() throws IOException {
        Files.createDirectories(folder);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(logFile().toFile()))
                .start();
    }

    private Path logFile() {
        return folder.resolve("process.log");
    }

    private String log() throws IOException {
        return Files.readString(logFile());
    }

    private long sizeOfMetrics() throws IOException {
        Path metrics = RunFolder.metrics(folder);
        return Files.exists(metrics) ? Files.size(metrics) : 0;
    }
}
