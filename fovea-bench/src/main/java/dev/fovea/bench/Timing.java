package dev.fovea.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/** What a process that times steps prints. */
final class Timing {

    private Timing() {}

    /**
     * Nanoseconds of the wall clock, or of this thread's processor time, which other programs on the machine hardly change
     * and which is all there is where one thread computes.
     */
    static long nanos(int threads) {
        return threads == 1 ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() : System.nanoTime();
    }

    /** Seconds of each of {@code steps} calls of {@code step}, which is given its number, after {@code warmup} that are not counted. */
    static double[] seconds(int warmup, int steps, LongSupplier nanos, IntConsumer step) {
        var seconds = new double[steps];
        for (int i = 0; i < warmup + steps; i++) {
            long start = nanos.getAsLong();
            step.accept(i);
            if (i >= warmup) {
                seconds[i - warmup] = (nanos.getAsLong() - start) / 1e9;
            }
        }
        return seconds;
    }

    /** One JSON line: pictures a second of the median step and of the fastest, and the peak of memory. */
    static void print(int batch, double[] seconds) throws IOException {
        double[] sorted = seconds.clone();
        Arrays.sort(sorted);
        System.out.printf(
                "{\"who\": \"fovea\", \"images_per_second\": %.3f, \"fastest\": %.3f, \"peak_mb\": %.1f}%n",
                batch / sorted[sorted.length / 2], batch / sorted[0], peakMegabytes());
    }

    /** Largest resident size of this process so far. */
    static double peakMegabytes() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024 / 1e6)
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }
}
