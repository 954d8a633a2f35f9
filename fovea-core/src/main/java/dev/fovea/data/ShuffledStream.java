package dev.fovea.data;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Shards read without end, in shuffled order: each epoch the shards in an order of their own, their examples through a buffer from
 * which one is drawn at random for each that comes in.
 *
 * <p>The order is a pure function of (seed, epoch, list of shards, size of the buffer). A position is found again by reading up
 * to it: {@link #seek} begins at the epoch it lies in once the number of examples is known, which takes having read one epoch,
 * and reads on from there.
 */
public final class ShuffledStream<E> implements AutoCloseable {

    private final Shards<E> shards;
    private final int capacity;
    private final long seed;

    private final List<E> buffer = new ArrayList<>();
    private long epoch;
    private long inEpoch;
    private long examples = -1;
    private int opened;
    private boolean begun;
    private Shards.@Nullable Cursor<E> cursor;
    private Permutation order;
    private SplittableRandom random;

    /** A stream at position 0; {@code buffer} examples are in memory. */
    public ShuffledStream(Shards<E> shards, int buffer, long seed) {
        if (shards.count() < 1 || buffer < 1) {
            throw new IllegalArgumentException(
                    "shards, buffer: wanted at least 1 each, found %d and %d".formatted(shards.count(), buffer));
        }
        this.shards = shards;
        this.capacity = buffer;
        this.seed = seed;
        this.order = new Permutation(shards.count(), Seeds.mix(seed, 0, 0));
        this.random = Seeds.generator(seed, 0, 1);
    }

    /** How many examples have been read since the beginning of the run. */
    public long position() {
        return examples < 0 ? inEpoch : epoch * examples + inEpoch;
    }

    /** The next example. */
    public E next() {
        if (!begun) {
            fill();
            begun = true;
        }
        if (buffer.isEmpty()) {
            if (inEpoch == 0) {
                throw new NoSuchElementException("the shards hold no examples");
            }
            examples = inEpoch;
            begin(epoch + 1);
            fill();
            begun = true;
        }
        int drawn = random.nextInt(buffer.size());
        E example = buffer.get(drawn);
        E fresh = pull();
        E last = fresh != null ? fresh : buffer.removeLast();
        if (fresh != null || drawn < buffer.size()) {
            buffer.set(drawn, last);
        }
        inEpoch++;
        return example;
    }

    /** Goes to a position: from where it stands if that lies before it, else from the beginning of an epoch. */
    public void seek(long position) {
        if (position < position() || (examples > 0 && position / examples != epoch)) {
            begin(examples > 0 ? position / examples : 0);
        }
        while (position() < position) {
            next();
            if (examples > 0 && position / examples > epoch) {
                begin(position / examples);
            }
        }
    }

    @Override
    public void close() {
        buffer.clear();
        Shards.Cursor<E> open = cursor;
        cursor = null;
        if (open != null) {
            open.close();
        }
    }

    private void begin(long number) {
        close();
        epoch = number;
        inEpoch = 0;
        opened = 0;
        begun = false;
        order = new Permutation(shards.count(), Seeds.mix(seed, number, 0));
        random = Seeds.generator(seed, number, 1);
    }

    private void fill() {
        while (buffer.size() < capacity) {
            E example = pull();
            if (example == null) {
                return;
            }
            buffer.add(example);
        }
    }

    private @Nullable E pull() {
        while (true) {
            Shards.Cursor<E> open = cursor;
            if (open == null) {
                if (opened == shards.count()) {
                    return null;
                }
                open = shards.open((int) order.at(opened++));
                cursor = open;
            }
            if (open.hasNext()) {
                return open.next();
            }
            cursor = null;
            open.close();
        }
    }
}
