package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of one attention layer in native memory: those of all tokens, or those of the last {@code window} and a few
 * spare ones in a ring where the token at position p lies in slot p mod the ring's size. Memory comes in blocks of {@value #BLOCK} slots, which are never moved.
 *
 * <p>With {@link Format#INT8} each head of a token has a scale of its own for its key and for its value.
 */
public final class KvRows implements AutoCloseable {

    /** How a value is kept. */
    public enum Format {
        BF16(2),
        /** 8 bits, a float32 scale for each key and each value of a head. */
        INT8(1);

        private final int bytes;

        Format(int bytes) {
            this.bytes = bytes;
        }

        /** Of a value, scales not counted. */
        public int bytes() {
            return bytes;
        }
    }

    /** Slots of a block. */
    public static final int BLOCK = 256;

    private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int ALL = Integer.MAX_VALUE;
    /** Slots at most: whole blocks. */
    private static final int MOST = ALL - ALL % BLOCK;
    /**
     * A ring has a multiple of so many slots, so that attention's runs begin at the same positions in rings of every size, and its
     * sums are the same to the last bit.
     */
    private static final int UNIT = KvTiles.UNIT;

    private final Format format;
    private final int heads;
    private final int headDim;
    private final KvTiles tiles;
    private final int window;
    private final int ring;
    private final Loops loops;
    private final Arena arena = Arena.ofShared();
    private final List<Block> blocks = new ArrayList<>();
    private final short[] halves = new short[KvTiles.VALUES];
    private final byte[] bytes = new byte[KvTiles.VALUES];

    /**
     * Memory of some slots, a multiple of {@value #UNIT}, as {@link KvTiles} has it.
     *
     * @param keys {@code [heads][slots / 16][words][16]}, with 8 bits a word more for their steps
     * @param values {@code [heads][slots / 64][padded headDim / 64][64][64]}
     * @param valueSteps float32 {@code [heads][slots]}, by which the values are multiplied; empty where the format has none
     */
    record Block(MemorySegment keys, MemorySegment values, MemorySegment valueSteps, int slots) {}

    /** Tokens that lie side by side in a block, from a slot on. */
    record Run(Block block, int from, int count) {}

    private KvRows(Format format, int heads, int headDim, int window, int ring, Loops loops) {
        this.format = format;
        this.heads = heads;
        this.headDim = headDim;
        this.tiles = new KvTiles(format, headDim);
        this.window = window;
        this.ring = ring;
        this.loops = loops;
    }

    /** Keeps every token, for so many key heads of so many values. */
    public static KvRows full(Format format, int heads, int headDim) {
        return new KvRows(format, heads, headDim, ALL, MOST, Kernels.LOOPS);
    }

    /**
     * Keeps the last {@code window} tokens.
     *
     * @param spare tokens before those that are kept as well, so that as many of the last can be taken back
     */
    public static KvRows ring(Format format, int heads, int headDim, int window, int spare) {
        return ring(format, heads, headDim, window, spare, Kernels.LOOPS);
    }

    static KvRows ring(Format format, int heads, int headDim, int window, int spare, Loops loops) {
        if (window < 1 || spare < 0) {
            throw new IllegalArgumentException(
                    "window %d and %d spare tokens, wanted 1 and 0 or more".formatted(window, spare));
        }
        long slots = Math.ceilDiv((long) window + spare, UNIT) * UNIT;
        return new KvRows(format, heads, headDim, window, (int) Math.min(slots, MOST), loops);
    }

    /** Bytes that are taken once so many tokens came. */
    public static long bytes(Format format, int heads, int headDim, int window, long tokens) {
        long slots = Math.min(Math.ceilDiv(tokens, BLOCK) * BLOCK, Math.ceilDiv((long) window, UNIT) * UNIT);
        return slots * heads * new KvTiles(format, headDim).slotBytes();
    }

    /** Bytes that are taken. */
    public long bytes() {
        return blocks.stream()
                .mapToLong(x -> (long) x.slots * heads * tiles.slotBytes())
                .sum();
    }

    public Format format() {
        return format;
    }

    public int heads() {
        return heads;
    }

    public int headDim() {
        return headDim;
    }

    KvTiles tiles() {
        return tiles;
    }

    Loops loops() {
        return loops;
    }

    /** The first position that the token at {@code position} sees. */
    public int firstSeen(int position) {
        return (int) Math.max(0, position + 1L - window);
    }

    /** The first position that is kept when the last token is the one at {@code position}. */
    public int firstKept(int position) {
        return (int) Math.max(0, position + 1L - ring);
    }

    /** Keeps a token's keys and values, {@code [heads][headDim]} from the given places on. */
    public void put(int position, float[] k, int kAt, float[] v, int vAt) {
        int slot = position % ring;
        while (slot >= blocks.size() * BLOCK) {
            blocks.add(block(Math.min(BLOCK, ring - blocks.size() * BLOCK)));
        }
        Block block = blocks.get(slot / BLOCK);
        for (int head = 0; head < heads; head++) {
            if (format == Format.BF16) {
                putHalves(block, head, slot % BLOCK, k, kAt + head * headDim, v, vAt + head * headDim);
            } else {
                putBytes(block, head, slot % BLOCK, k, kAt + head * headDim, v, vAt + head * headDim);
            }
        }
    }

    private Block block(int slots) {
        long keys = heads * tiles.keyBytes(slots);
        long values = heads * tiles.valueBytes(slots);
        long steps = format == Format.INT8 ? Float.BYTES * ((long) heads * slots) : 0;
        MemorySegment memory = arena.allocate(keys + values + steps, Loops.WORD_BYTES);
        return new Block(
                memory.asSlice(0, keys), memory.asSlice(keys, values), memory.asSlice(keys + values, steps), slots);
    }

    private void putHalves(Block block, int head, int slot, float[] k, int kAt, float[] v, int vAt) {
        long at = head * tiles.keyBytes(block.slots) + tiles.key(slot);
        for (int i = 0; i < headDim; i += 2, at += Loops.WORD_BYTES) {
            int second = i + 1 < headDim ? Matrix.bf16(k[kAt + i + 1]) << 16 : 0;
            block.keys.set(WORD, at, (Matrix.bf16(k[kAt + i]) & 0xFFFF) | second);
        }
        for (int column = 0; column < headDim; column += KvTiles.VALUES) {
            int count = Math.min(KvTiles.VALUES, headDim - column);
            for (int i = 0; i < count; i++) {
                halves[i] = (short) Matrix.bf16(v[vAt + column + i]);
            }
            long to = head * tiles.valueBytes(block.slots) + tiles.value(slot, column);
            MemorySegment.copy(halves, 0, block.values, BF16, to, count);
        }
    }

    private void putBytes(Block block, int head, int slot, float[] k, int kAt, float[] v, int vAt) {
        float max = largest(k, kAt);
        float factor = factor(max);
        long at = head * tiles.keyBytes(block.slots) + tiles.key(slot);
        for (int i = 0; i < headDim; i += 4, at += Loops.WORD_BYTES) {
            int word = 0;
            for (int part = 0; part < Math.min(4, headDim - i); part++) {
                word |= ((int) Math.rint(k[kAt + i + part] * factor) & 0xFF) << (8 * part);
            }
            block.keys.set(WORD, at, word);
        }
        block.keys.set(FLOAT, at, max / Byte.MAX_VALUE); // behind the last word
        max = largest(v, vAt);
        factor = factor(max);
        for (int column = 0; column < headDim; column += KvTiles.VALUES) {
            int count = Math.min(KvTiles.VALUES, headDim - column);
            for (int i = 0; i < count; i++) {
                bytes[i] = (byte) Math.rint(v[vAt + column + i] * factor);
            }
            long to = head * tiles.valueBytes(block.slots) + tiles.value(slot, column);
            MemorySegment.copy(bytes, 0, block.values, ValueLayout.JAVA_BYTE, to, count);
        }
        block.valueSteps.set(FLOAT, Float.BYTES * ((long) head * block.slots + slot), max / Byte.MAX_VALUE);
    }

    private float largest(float[] x, int from) {
        float max = 0;
        for (int i = 0; i < headDim; i++) {
            max = Math.max(max, Math.abs(x[from + i]));
        }
        return max;
    }

    private static float factor(float max) {
        return max == 0 ? 0 : Byte.MAX_VALUE / max;
    }

    /** Where the tokens at these positions lie, in runs of at most {@code longest} that do not cross its multiples. */
    List<Run> runs(int first, int count, int longest) {
        var runs = new ArrayList<Run>();
        for (int at = first; at < first + count; ) {
            int slot = at % ring;
            Block block = blocks.get(slot / BLOCK);
            int from = slot % BLOCK;
            int end = Math.min(Math.min(block.slots, ring - slot + from), (from / longest + 1) * longest);
            int length = Math.min(first + count - at, end - from);
            runs.add(new Run(block, from, length));
            at += length;
        }
        return runs;
    }

    /**
     * Writes what is kept of {@code count} positions, in their order.
     *
     * @param keys float32 {@code [heads][count][headDim]}
     * @param values the same
     */
    public void copy(int first, int count, MemorySegment keys, MemorySegment values) {
        var tile = new int[KvTiles.KEYS * (tiles.words() + 1)];
        var row = new float[Math.max(headDim + 3, KvTiles.VALUES)];
        int done = 0;
        for (Run run : runs(first, count, KvTiles.KEYS)) {
            for (int head = 0; head < heads; head++) {
                long to = (long) Float.BYTES * headDim * ((long) head * count + done);
                copyKeys(run, head, tile, row, keys, to);
                copyValues(run, head, row, values, to);
            }
            done += run.count;
        }
    }

    /** Of a run within one tile. */
    private void copyKeys(Run run, int head, int[] tile, float[] row, MemorySegment into, long to) {
        long start = head * tiles.keyBytes(run.block.slots) + tiles.key(run.from);
        int lane = run.from % KvTiles.KEYS;
        int length = (int) (tiles.keyTile() / Integer.BYTES);
        MemorySegment.copy(run.block.keys, WORD, start - (long) Integer.BYTES * lane, tile, 0, length);
        int words = tiles.words();
        for (int t = 0; t < run.count; t++) {
            if (format == Format.BF16) {
                for (int i = 0; i < words; i++) {
                    int word = tile[KvTiles.KEYS * i + lane + t];
                    row[2 * i] = Loops.low(word);
                    row[2 * i + 1] = Loops.high(word);
                }
            } else {
                float step = Float.intBitsToFloat(tile[KvTiles.KEYS * words + lane + t]);
                for (int i = 0; i < words; i++) {
                    int word = tile[KvTiles.KEYS * i + lane + t];
                    row[4 * i] = (byte) word * step;
                    row[4 * i + 1] = (byte) (word >> 8) * step;
                    row[4 * i + 2] = (byte) (word >> 16) * step;
                    row[4 * i + 3] = (byte) (word >> 24) * step;
                }
            }
            MemorySegment.copy(row, 0, into, FLOAT, to + (long) Float.BYTES * headDim * t, headDim);
        }
    }

    private void copyValues(Run run, int head, float[] row, MemorySegment into, long to) {
        long start = head * tiles.valueBytes(run.block.slots);
        for (int slot = run.from; slot < run.from + run.count; slot++) {
            float step = format == Format.INT8
                    ? run.block.valueSteps.get(FLOAT, Float.BYTES * ((long) head * run.block.slots + slot))
                    : 1;
            for (int column = 0; column < headDim; column += KvTiles.VALUES) {
                long at = start + tiles.value(slot, column);
                int count = Math.min(KvTiles.VALUES, headDim - column);
                if (format == Format.BF16) {
                    MemorySegment.copy(run.block.values, BF16, at, halves, 0, count);
                    for (int i = 0; i < count; i++) {
                        row[i] = Loops.low(halves[i]);
                    }
                } else {
                    MemorySegment.copy(run.block.values, ValueLayout.JAVA_BYTE, at, bytes, 0, count);
                    for (int i = 0; i < count; i++) {
                        row[i] = bytes[i] * step;
                    }
                }
                MemorySegment.copy(row, 0, into, FLOAT, to + (long) Float.BYTES * column, count);
            }
            to += (long) Float.BYTES * headDim;
        }
    }

    /**
     * Attention of the token at a position over itself and those before it: softmax(q kᵀ) v, a group of query heads to each key
     * head.
     *
     * @param queries {@code [queryHeads][headDim]} one after the other, scaled; a multiple of the key heads
     * @param out the same shape
     */
    public void attend(float[] queries, int position, float[] out, Workers workers) {
        if (!arena.scope().isAlive()) { // the loops do not ask any more
            throw new IllegalStateException("these keys and values are closed");
        }
        int first = firstSeen(position);
        new KvAttention(this, runs(first, position + 1 - first, KvTiles.UNIT), workers).attend(queries, out);
    }

    @Override
    public void close() {
        arena.close();
    }
}
