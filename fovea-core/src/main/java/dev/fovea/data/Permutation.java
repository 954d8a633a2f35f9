package dev.fovea.data;

/**
 * A random permutation of 0 to {@code size} exclusive that is computed and not stored: a Feistel network over the next even
 * number of bits, walked until it lands inside. A pure function of (size, key), safe from any thread.
 */
public final class Permutation {

    private static final int ROUNDS = 8;

    private final long size;
    private final int half;
    private final long mask;
    private final long[] keys = new long[ROUNDS];

    public Permutation(long size, long key) {
        if (size < 1) {
            throw new IllegalArgumentException("size: wanted at least 1, found " + size);
        }
        this.size = size;
        this.half = Math.max(1, (64 - Long.numberOfLeadingZeros(size - 1) + 1) / 2);
        this.mask = (1L << half) - 1;
        for (int i = 0; i < ROUNDS; i++) {
            keys[i] = Seeds.mix(key, i);
        }
    }

    /** Where {@code position} goes. */
    public long at(long position) {
        if (position < 0 || position >= size) {
            throw new IndexOutOfBoundsException("position: wanted 0 to %d, found %d".formatted(size - 1, position));
        }
        long x = position;
        do {
            x = rounds(x);
        } while (x >= size);
        return x;
    }

    private long rounds(long x) {
        long left = x >>> half;
        long right = x & mask;
        for (long key : keys) {
            long next = left ^ (Seeds.finish(right ^ key) & mask);
            left = right;
            right = next;
        }
        return left << half | right;
    }
}
