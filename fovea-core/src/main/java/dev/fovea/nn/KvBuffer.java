package dev.fovea.nn;

import static java.util.Objects.requireNonNull;

import dev.fovea.tensor.Scope;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of one layer in memory of its own: all of them, in a buffer that grows in steps, or those of the
 * last {@code window} tokens and some to spare, in a ring where token c lies in slot c mod its size. Tokens are counted from 0 in the order
 * in which they came; their number is called a column, the same for all rows of a batch. Gradients do not pass through.
 *
 * <p>Memory is taken at the first {@link #append}, of its type and for as many rows as it has.
 */
public final class KvBuffer implements KvCache, AutoCloseable {

    private static final long ALL = Long.MAX_VALUE;

    /** A full buffer takes an eighth more than is needed, in whole steps of this. */
    private static final long STEP = 256;

    private final long window;
    private final long spare;
    private long length;
    /** The most tokens that ever lay here: those that were forgotten have overwritten others all the same. */
    private long most;

    private @Nullable Tensor keys; // [B, K, C, Dh]
    private @Nullable Tensor values; // [B, K, C, Dh]

    private KvBuffer(long window, long spare) {
        this.window = window;
        this.spare = spare;
    }

    /** Keeps every token. */
    public static KvBuffer full() {
        return new KvBuffer(ALL, 0);
    }

    /** Keeps the last {@code window} tokens: what a layer needs whose tokens see themselves and the window - 1 before. */
    public static KvBuffer ring(int window) {
        return ring(window, 0);
    }

    /**
     * The same, and {@code spare} tokens before them, so that one more than those can be forgotten at any time. A single
     * fresh token is given these too; which are too far away its caller has to see from {@link #columns}.
     */
    public static KvBuffer ring(int window, int spare) {
        if (window < 1 || spare < 0) {
            throw new IllegalArgumentException(
                    "window %d, spare %d: wanted 1 or more, and 0 or more".formatted(window, spare));
        }
        return new KvBuffer(window, spare);
    }

    /** Number of tokens that came. */
    public long length() {
        return length;
    }

    /** Bytes of memory that are taken. */
    public long bytes() {
        return keys == null ? 0 : keys.nbytes() + requireNonNull(values).nbytes();
    }

    /** The columns of the keys that {@link #append} will give for so many fresh tokens, in its order. */
    public long[] columns(long fresh) {
        if (isRing() && fresh == 1) {
            long newest = length;
            return LongStream.range(0, Math.min(length + 1, slots()))
                    .map(slot -> newest - Math.floorMod(newest - slot, slots()))
                    .toArray();
        }
        return LongStream.range(length - recent(), length + fresh).toArray();
    }

    /** One fresh token overwrites the oldest of a ring; several see, besides one another, the window - 1 before them. */
    @Override
    public Seen append(Tensor k, Tensor v) { // [B, K, T, Dh] each
        long fresh = k.size(2);
        reserve(k, length + fresh);
        Seen seen = isRing() && fresh > 1 ? new Seen(recentAnd(keys(), k), recentAnd(values(), v)) : null;
        long kept = isRing() ? Math.min(fresh, slots()) : fresh;
        write(k.narrow(2, fresh - kept, kept), v.narrow(2, fresh - kept, kept), length + fresh - kept);
        length += fresh;
        most = Math.max(most, length);
        return seen != null ? seen : held();
    }

    /**
     * Whether the tokens from column {@code newLength} on can be forgotten; a ring may have lost what the tokens before
     * them would need.
     */
    public boolean canRewind(long newLength) {
        return newLength >= 0 && newLength <= length && keepsWindow(newLength, most);
    }

    /** Whether so many tokens, once they came, could be forgotten again. */
    public boolean canTakeBack(long fresh) {
        return keepsWindow(length, Math.max(most, length + fresh));
    }

    /** Whether the window - 1 tokens before a column are there when {@code most} tokens have lain here. */
    private boolean keepsWindow(long column, long most) {
        return !isRing() || Math.max(0, column - window + 1) >= most - slots();
    }

    /** Forgets the tokens from column {@code newLength} on. */
    public void rewind(long newLength) {
        if (!canRewind(newLength)) {
            throw new IllegalStateException(
                    "KV cache of %d tokens, window %d: cannot go back to %d".formatted(length, window, newLength));
        }
        length = newLength;
    }

    /** Row i becomes what row {@code rows[i]} was; there may be more or fewer rows than before. */
    public void reorder(Tensor rows) { // int64 [B']
        if (keys == null) {
            return;
        }
        try (var scope = new Scope()) {
            replace(scope.release(keys.index_select(0, rows)), scope.release(values().index_select(0, rows)));
        }
    }

    @Override
    public void close() {
        if (keys != null) {
            keys.close();
            values().close();
        }
        keys = null;
        values = null;
        length = 0;
        most = 0;
    }

    private boolean isRing() {
        return window != ALL;
    }

    private long slots() {
        return window + spare;
    }

    /** How many earlier tokens several fresh ones are given. */
    private long recent() {
        return isRing() ? Math.min(length, window - 1) : length;
    }

    private Seen held() {
        long held = isRing() ? Math.min(length, slots()) : length;
        return new Seen(keys().narrow(2, 0, held), values().narrow(2, 0, held));
    }

    private Tensor recentAnd(Tensor buffer, Tensor fresh) {
        var parts = new TensorVector();
        runs(buffer, length - recent(), parts);
        parts.push_back(fresh);
        return parts.size() == 1 ? fresh : torch.cat(parts, 2);
    }

    /** The pieces of a ring that hold the tokens from column {@code first} on. */
    private void runs(Tensor buffer, long first, TensorVector parts) {
        while (first < length) {
            long slot = first % slots();
            long run = Math.min(length - first, slots() - slot);
            parts.push_back(buffer.narrow(2, slot, run));
            first += run;
        }
    }

    private void write(Tensor k, Tensor v, long column) {
        long done = 0;
        while (done < k.size(2)) {
            long slot = isRing() ? (column + done) % slots() : column + done;
            long run = Math.min(k.size(2) - done, isRing() ? slots() - slot : k.size(2));
            keys().narrow(2, slot, run).copy_(k.narrow(2, done, run));
            values().narrow(2, slot, run).copy_(v.narrow(2, done, run));
            done += run;
        }
    }

    private void reserve(Tensor like, long needed) {
        if (isRing() ? keys != null : keys != null && keys.size(2) >= needed) {
            return;
        }
        long capacity = isRing() ? slots() : Math.ceilDiv(needed + needed / 8, STEP) * STEP;
        try (var scope = new Scope()) {
            Tensor k = empty(like, capacity);
            Tensor v = empty(like, capacity);
            if (keys != null) {
                k.narrow(2, 0, length).copy_(keys.narrow(2, 0, length));
                v.narrow(2, 0, length).copy_(values().narrow(2, 0, length));
            }
            replace(scope.release(k), scope.release(v));
        }
    }

    private static Tensor empty(Tensor like, long capacity) {
        return torch.empty(
                new long[] {like.size(0), like.size(1), capacity, like.size(3)},
                like.options(),
                new MemoryFormatOptional());
    }

    private void replace(Tensor newKeys, Tensor newValues) {
        if (keys != null) {
            keys.close();
            values().close();
        }
        keys = newKeys;
        values = newValues;
    }

    private Tensor keys() {
        return requireNonNull(keys);
    }

    private Tensor values() {
        return requireNonNull(values);
    }
}
