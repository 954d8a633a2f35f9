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
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int ALL = Integer.MAX_VALUE;
    /** Slots at most: whole blocks. */
    private static final int MOST = ALL - ALL % BLOCK;
    /**
     * A ring has a multiple of so many slots, so that attention's runs begin at the same positions in rings of every size, and its
     * sums are the same to the last bit.
     */
    private static final int UNIT = KvAttention.UNIT;

    private final Format format;
    private final int heads;
    private final int headDim;
    private final int window;
    private final int ring;
    private final Loops loops;
    private final Arena arena = Arena.ofShared();
    private final List<Block> blocks = new ArrayList<>();

    /**
     * Memory of some slots.
     *
     * @param keys {@code [heads][slots][headDim]}
     * @param values the same
     * @param keyScales float32 {@code [heads][slots]}, empty where the format has none
     * @param valueScales the same
     */
    public record Block(
            MemorySegment keys, MemorySegment values, MemorySegment keyScales, MemorySegment valueScales, int slots) {}

    /** Tokens that lie side by side in a block, from a slot on. */
    public record Run(Block block, int from, int count) {}

    private KvRows(Format format, int heads, int headDim, int window, int ring, Loops loops) {
        this.format = format;
        this.heads = heads;
        this.headDim = headDim;
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
        return slots * slotBytes(format, heads, headDim);
    }

    private static long slotBytes(Format format, int heads, int headDim) {
        return 2L * heads * ((long) headDim * format.bytes + (format == Format.INT8 ? Float.BYTES : 0));
    }

    /** Bytes that are taken. */
    public long bytes() {
        return blocks.stream()
                .mapToLong(x -> x.slots * slotBytes(format, heads, headDim))
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
            int row = head * block.slots + slot % BLOCK;
            if (format == Format.BF16) {
                halves(k, kAt + head * headDim, block.keys, row);
                halves(v, vAt + head * headDim, block.values, row);
            } else {
                bytes(k, kAt + head * headDim, block.keys, block.keyScales, row);
                bytes(v, vAt + head * headDim, block.values, block.valueScales, row);
            }
        }
    }

    private Block block(int slots) {
        long rows = (long) heads * slots;
        long bytes = rows * headDim * format.bytes;
        long scales = format == Format.INT8 ? rows * Float.BYTES : 0;
        MemorySegment memory = arena.allocate(slots * slotBytes(format, heads, headDim), Loops.WORD_BYTES);
        return new Block( // a loop that reads four keys may read on into the values
                memory,
                memory.asSlice(bytes, bytes),
                memory.asSlice(2 * bytes, scales),
                memory.asSlice(2 * bytes + scales, scales),
                slots);
    }

    private void halves(float[] x, int from, MemorySegment memory, int row) {
        long to = 2L * headDim * row;
        for (int i = 0; i < headDim; i++) {
            memory.set(BF16, to + 2L * i, (short) Matrix.bf16(x[from + i]));
        }
    }

    private void bytes(float[] x, int from, MemorySegment memory, MemorySegment scales, int row) {
        float max = 0;
        for (int i = 0; i < headDim; i++) {
            max = Math.max(max, Math.abs(x[from + i]));
        }
        float factor = max == 0 ? 0 : Byte.MAX_VALUE / max;
        for (int i = 0; i < headDim; i++) {
            memory.set(ValueLayout.JAVA_BYTE, (long) headDim * row + i, (byte) Math.rint(x[from + i] * factor));
        }
        scales.set(FLOAT, 4L * row, max / Byte.MAX_VALUE);
    }

    /** Where the tokens at these positions lie, in runs of at most {@code longest} that do not cross its multiples. */
    public List<Run> runs(int first, int count, int longest) {
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
     * Attention of the token at a position over itself and those before it: softmax(q kᵀ) v, a group of query heads to each key
     * head.
     *
     * @param queries {@code [queryHeads][headDim]} one after the other, scaled; a multiple of the key heads
     * @param out the same shape
     */
    public void attend(float[] queries, int position, float[] out, Workers workers) {
        int first = firstSeen(position);
        new KvAttention(this, runs(first, position + 1 - first, KvAttention.UNIT), workers).attend(queries, out);
    }

    @Override
    public void close() {
        arena.close();
    }
}
