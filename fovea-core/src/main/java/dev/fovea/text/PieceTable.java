package dev.fovea.text;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Numbers of byte strings, found whole: an open hash table over one array of all bytes, quick to fill with the pieces of a large vocabulary. */
final class PieceTable {

    static final int NONE = -1;

    private long[] slots; // of hash << 32 | number + 1
    private int[] ends;
    private byte[] bytes;
    private int size;

    /** For about so many strings, which are numbered from 0 on as they come. */
    PieceTable(int count) {
        slots = new long[Integer.highestOneBit(Math.max(1, count)) << 2]; // at most half of them full
        ends = new int[Math.max(1, count)];
        bytes = new byte[8 * ends.length];
    }

    private PieceTable(long[] slots, int[] ends, byte[] bytes) {
        this.slots = slots;
        this.ends = ends;
        this.bytes = bytes;
        this.size = ends.length;
    }

    /** Reads what {@link #write} wrote. */
    static PieceTable read(ByteBuffer in) {
        int size = in.getInt();
        var slots = new long[in.getInt()];
        int bytes = in.getInt();
        in.asLongBuffer().get(slots);
        in.position(in.position() + Long.BYTES * slots.length);
        return new PieceTable(slots, MergesTables.ints(in, size), MergesTables.bytes(in, bytes));
    }

    void write(ByteBuffer out) {
        out.putInt(size).putInt(slots.length).putInt(start(size));
        out.asLongBuffer().put(slots);
        out.position(out.position() + Long.BYTES * slots.length);
        MergesTables.put(out, ends, size);
        out.put(bytes, 0, start(size));
    }

    /** Number of bytes that {@link #write} writes. */
    int tableBytes() {
        return 3 * Integer.BYTES + Long.BYTES * slots.length + Integer.BYTES * size + start(size);
    }

    /** Gives a string the next number; the number that it had already, or {@link #NONE}. */
    int add(byte[] key) {
        return add(key, 0, key.length);
    }

    /** Gives {@code text[from .. to-1]} the next number; the number that it had already, or {@link #NONE}. */
    int add(byte[] text, int from, int to) {
        int start = start(size);
        int end = start + to - from;
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
        }
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, 2 * size);
        }
        System.arraycopy(text, from, bytes, start, to - from);
        ends[size++] = end;
        int hash = hash(text, from, to);
        int slot = slot(hash, text, from, to);
        int old = number(slots[slot]);
        if (old == NONE) {
            slots[slot] = (long) hash << 32 | size;
        }
        if (2 * size > slots.length) {
            grow();
        }
        return old;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[2 * old.length];
        for (long entry : old) {
            if (entry != 0) {
                int slot = first((int) (entry >>> 32));
                while (slots[slot] != 0) {
                    slot = next(slot);
                }
                slots[slot] = entry;
            }
        }
    }

    /** How many numbers were given. */
    int size() {
        return size;
    }

    /** The string of a number. */
    byte[] get(int number) {
        return Arrays.copyOfRange(bytes, start(number), ends[number]);
    }

    /** Length of the string of a number. */
    int length(int number) {
        return ends[number] - start(number);
    }

    private int start(int number) {
        return number == 0 ? 0 : ends[number - 1];
    }

    /** The number of exactly {@code text[from .. to-1]}, or {@link #NONE}. */
    int find(byte[] text, int from, int to) {
        return number(slots[slot(hash(text, from, to), text, from, to)]);
    }

    private static int number(long entry) {
        return (int) entry - 1;
    }

    /** What a string is found by. */
    static int hash(byte[] text, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = (hash ^ text[i]) * 0x01000193; // FNV; a small factor would give many short strings the same
        }
        return hash;
    }

    /** The {@link #hash(byte[], int, int)} of the string of a number. */
    int hash(int number) {
        return hash(bytes, start(number), ends[number]);
    }

    /** Whether a string of this hash is here. */
    boolean hasHash(int hash) {
        int slot = first(hash);
        while (slots[slot] != 0 && (int) (slots[slot] >>> 32) != hash) {
            slot = next(slot);
        }
        return slots[slot] != 0;
    }

    /** Where a string is, or where it would be. */
    private int slot(int hash, byte[] text, int from, int to) {
        int slot = first(hash);
        while (slots[slot] != 0 && !((int) (slots[slot] >>> 32) == hash && is(number(slots[slot]), text, from, to))) {
            slot = next(slot);
        }
        return slot;
    }

    private int first(int hash) {
        return ((hash * 0x9E3779B9) >>> 7) & (slots.length - 1);
    }

    private int next(int slot) {
        return (slot + 1) & (slots.length - 1);
    }

    /** Whether a number is that of {@code text[from .. to-1]}. */
    boolean is(int number, byte[] text, int from, int to) {
        int start = start(number);
        return ends[number] - start == to - from && Arrays.equals(bytes, start, ends[number], text, from, to);
    }

    /** Whether the string of a number is those of two others, one behind the other. */
    boolean isUnion(int number, int left, int right) {
        int start = start(number);
        int middle = start + length(left);
        return length(number) == length(left) + length(right)
                && is(left, bytes, start, middle)
                && is(right, bytes, middle, ends[number]);
    }
}
