package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keys and values of one attention layer as bfloat16 in native memory, {@code [heads][slots][headDim]} each, and attention of
 * one token over them. In which slot a token lies is the caller's affair: attention does not depend on the order.
 */
public final class KvRows implements AutoCloseable {

    private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    /** Keys that are multiplied in one call of a loop. */
    private static final int ROWS = 4;
    /** Values that are added before the next columns: as many as stay in the nearest cache. */
    private static final int BLOCK = 64;
    /** Below so many slots a layer is not worth a meeting of the workers. */
    private static final int SHARED = 256;

    private static final int FIRST_SLOTS = 256;

    private final Loops loops;
    private final int heads;
    private final int headDim;
    private Arena arena = Arena.ofShared();
    private MemorySegment keys = MemorySegment.NULL;
    private MemorySegment values = MemorySegment.NULL;
    private int capacity;

    /** Empty, for so many key heads of so many values. */
    public KvRows(int heads, int headDim) {
        this(heads, headDim, Kernels.LOOPS);
    }

    KvRows(int heads, int headDim, Loops loops) {
        this.heads = heads;
        this.headDim = headDim;
        this.loops = loops;
    }

    /** Bytes that are taken. */
    public long bytes() {
        return keys.byteSize() + values.byteSize();
    }

    /** Writes a token's keys and values of all heads, {@code [heads][headDim]} from the given places on, into a slot. */
    public void put(int slot, float[] k, int kAt, float[] v, int vAt) {
        reserve(slot + 1);
        for (int head = 0; head < heads; head++) {
            long to = place(head, slot);
            for (int i = 0; i < headDim; i++) {
                keys.set(BF16, to + 2L * i, (short) Matrix.bf16(k[kAt + head * headDim + i]));
                values.set(BF16, to + 2L * i, (short) Matrix.bf16(v[vAt + head * headDim + i]));
            }
        }
    }

    /**
     * Attention of one token over the first slots: softmax(q kᵀ) v, a group of query heads to each key head.
     *
     * @param queries {@code [queryHeads][headDim]} one after the other, scaled; a multiple of the key heads
     * @param out the same shape
     */
    public void attend(float[] queries, int slots, float[] out, Workers workers) {
        int group = queries.length / headDim / heads;
        int together = group % Loops.TOGETHER == 0 ? Loops.TOGETHER : 1;
        for (int first = 0; first < group * heads; first += together) {
            attend(queries, first, together, first / group, slots, out, workers);
        }
    }

    private void attend(float[] queries, int first, int together, int head, int slots, float[] out, Workers workers) {
        var q = new float[together][];
        for (int v = 0; v < together; v++) {
            var one = new float[headDim];
            System.arraycopy(queries, (first + v) * headDim, one, 0, headDim);
            q[v] = loops.arrange(one);
        }
        int steps = (slots + ROWS - 1) / ROWS;
        var scores = new float[together][steps * ROWS];
        share(slots, steps, workers, (from, to) -> {
            for (int i = from; i < to; i++) {
                loops.bf16(keys, place(head, i * ROWS), 2L * headDim, headDim, q, scores, i * ROWS);
            }
        });
        var sums = new float[together];
        share(slots, together, workers, (from, to) -> {
            for (int v = from; v < to; v++) {
                sums[v] = loops.exponentials(scores[v], slots);
            }
        });
        int blocks = (slots + BLOCK - 1) / BLOCK;
        int parts = slots < SHARED ? 1 : workers.size();
        var partial = new float[parts][together][headDim];
        share(slots, parts, workers, (from, to) -> {
            for (int part = from; part < to; part++) {
                for (int b = blocks * part / parts; b < blocks * (part + 1) / parts; b++) {
                    int at = b * BLOCK;
                    int rows = Math.min(BLOCK, slots - at);
                    loops.weighted(values, place(head, at), 2L * headDim, rows, headDim, scores, at, partial[part]);
                }
            }
        });
        for (int v = 0; v < together; v++) {
            float[] sum = partial[0][v];
            for (int part = 1; part < parts; part++) {
                for (int i = 0; i < headDim; i++) {
                    sum[i] += partial[part][v][i];
                }
            }
            for (int i = 0; i < headDim; i++) {
                sum[i] /= sums[v];
            }
            loops.straighten(sum, out, (first + v) * headDim);
        }
    }

    private static void share(int slots, int count, Workers workers, Workers.Range range) {
        if (slots < SHARED) {
            range.run(0, count);
        } else {
            workers.split(count, range);
        }
    }

    private long place(int head, int slot) {
        return 2L * headDim * ((long) head * capacity + slot);
    }

    @SuppressWarnings("MustBeClosedChecker") // closed by close(), or here when a larger one takes its place
    private void reserve(int slots) {
        if (slots <= capacity) {
            return;
        }
        int larger = Matrix.roundUp(Math.max(FIRST_SLOTS, slots + slots / 2), ROWS);
        Arena before = arena;
        arena = Arena.ofShared();
        MemorySegment k = arena.allocate(2L * heads * larger * headDim, 64);
        MemorySegment v = arena.allocate(2L * heads * larger * headDim, 64);
        for (int head = 0; head < heads && capacity > 0; head++) {
            long from = place(head, 0);
            long to = 2L * headDim * head * larger;
            long bytes = 2L * headDim * capacity;
            MemorySegment.copy(keys, from, k, to, bytes);
            MemorySegment.copy(values, from, v, to, bytes);
        }
        before.close();
        keys = k;
        values = v;
        capacity = larger;
    }

    @Override
    public void close() {
        arena.close();
    }
}
