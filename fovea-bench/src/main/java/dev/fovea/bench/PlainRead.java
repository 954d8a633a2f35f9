package dev.fovea.bench;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fovea.kernel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Reading memory as fast as sums of longs in plain Java do: the limit of what reads it to compute. */
final class PlainRead {

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int BLOCK = 4096;
    /** Rounds at least: the first may be interpreted. */
    private static final int ROUNDS = 3;

    private PlainRead() {}

    /** Bytes a second over all of some memory in turn, the best of as many rounds as fit into the given seconds, and of {@value #ROUNDS} at least. */
    static double bytesPerSecond(List<MemorySegment> memory, Workers workers, double seconds) {
        var sum = new AtomicLong();
        long best = Long.MAX_VALUE;
        long bytes = 0;
        long until = System.nanoTime() + (long) (seconds * 1e9);
        for (int round = 0; round < ROUNDS || System.nanoTime() < until; round++) {
            bytes = 0;
            long start = System.nanoTime();
            for (MemorySegment part : memory) {
                int blocks = Math.toIntExact(part.byteSize() / BLOCK);
                workers.split(blocks, (from, to) -> sum.addAndGet(add(part, (long) BLOCK * from, (long) BLOCK * to)));
                bytes += (long) BLOCK * blocks;
            }
            best = Math.min(best, System.nanoTime() - start);
        }
        if (sum.get() == 0) {
            throw new AssertionError("nothing was read");
        }
        return 1e9 * (double) bytes / (double) best;
    }

    private static long add(MemorySegment memory, long from, long to) {
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (long at = from; at < to; at += 32) {
            a += memory.get(WORD, at);
            b += memory.get(WORD, at + 8);
            c += memory.get(WORD, at + 16);
            d += memory.get(WORD, at + 24);
        }
        return a + b + c + d;
    }
}
