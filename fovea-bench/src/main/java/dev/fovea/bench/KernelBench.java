package dev.fovea.bench;

import com.sun.management.ThreadMXBean;
import dev.fovea.kernel.Bf16Matrix;
import dev.fovea.kernel.Int4Matrix;
import dev.fovea.kernel.Int8Matrix;
import dev.fovea.kernel.Kernels;
import dev.fovea.kernel.Matrix;
import dev.fovea.kernel.WarmUp;
import dev.fovea.kernel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;

/**
 * Decoding products against the bandwidth of plain reading, in GB/s of weights and scales:
 * {@code KernelBench [rows] [columns] [threads] [seconds a line]}. The weights should be several times larger than the
 * machine's caches. One process may compile a loop well and the next badly: run ten, and state the worst.
 */
public final class KernelBench {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private KernelBench() {}

    private interface Packing {
        Matrix pack(float[] weights, int columns, Arena arena);
    }

    public static void main(String[] args) {
        int rows = args.length > 0 ? Integer.parseInt(args[0]) : 16_384;
        int columns = args.length > 1 ? Integer.parseInt(args[1]) : 6_912;
        int threads = args.length > 2
                ? Integer.parseInt(args[2])
                : Runtime.getRuntime().availableProcessors();
        double seconds = args.length > 3 ? Double.parseDouble(args[3]) : 3;
        System.out.printf("[%d, %d], %d threads; %s%n", rows, columns, threads, Kernels.note());
        var random = new Random(0);
        var weights = new float[Math.multiplyExact(rows, columns)];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextFloat() - 0.5f;
        }
        WarmUp.startAll().await();
        try (Arena arena = Arena.ofShared();
                var workers = new Workers(threads)) {
            MemorySegment memory = arena.allocate(2L * rows * columns, 64).fill((byte) 1);
            double limit = PlainRead.bytesPerSecond(List.of(memory), workers, seconds);
            System.out.printf("%-28s %6.1f GB/s%n", "plain read", limit / 1e9);
        }
        Packing[] packings = {Bf16Matrix::of, Int8Matrix::of, Int4Matrix::of};
        for (Packing packing : packings) {
            try (Arena arena = Arena.ofShared();
                    var workers = new Workers(threads)) {
                Matrix matrix = packing.pack(weights, columns, arena);
                for (int count : new int[] {1, 4}) {
                    time(matrix, count, workers, seconds);
                }
            }
        }
    }

    private static void time(Matrix matrix, int count, Workers workers, double seconds) {
        var xs = new float[count][matrix.columns()];
        var ys = new float[count][matrix.rows()];
        long best = Long.MAX_VALUE;
        long allocated = 0;
        long until = System.nanoTime() + (long) (seconds * 1e9);
        do {
            long bytes = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            matrix.times(xs, ys, workers);
            best = Math.min(best, System.nanoTime() - start);
            allocated = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        } while (System.nanoTime() < until);
        System.out.printf(
                "%-28s %6.1f GB/s, %.2f ms, %d bytes allocated%n",
                "%s, %d at once".formatted(matrix.getClass().getSimpleName(), count),
                (double) matrix.bytes() / best,
                (double) best / 1e6,
                allocated);
    }
}
