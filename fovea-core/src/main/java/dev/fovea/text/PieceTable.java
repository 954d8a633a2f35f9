package dev.fovea.text;

import java.util.Arrays;

/** Numbers of byte strings, found whole: an open hash table over one array of all bytes, quick to fill with the pieces of a large vocabulary. */
final class PieceTable {

    static final int NONE = -1;

    private final int[] slots;
    private final int[] ends;
    private byte[] bytes;
    private int size;

    /** For so many strings, which are numbered from 0 on as they come. */
    PieceTable(int count) {
        slots = new int[Integer.highestOneBit(Math.max(1, count)) << 2]; // of number + 1; a half to a quarter full
        ends = new int[count];
        bytes = new byte[8 * count + 8];
    }

    /** Gives a string the next number; the number that it had already, or {@link #NONE}. */
    int add(byte[] key) {
        int from = size == 0 ? 0 : ends[size - 1];
        int to = from + key.length;
        if (to > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(to, 2 * bytes.length));
        }
        System.arraycopy(key, 0, bytes, from, key.length);
        ends[size++] = to;
        int slot = slot(key, 0, key.length);
        int old = slots[slot] - 1;
        if (old == NONE) {
            slots[slot] = size;
        }
        return old;
    }

    /** The number of exactly {@code text[from .. to-1]}, or {@link #NONE}. */
    int find(byte[] text, int from, int to) {
        return slots[slot(text, from, to)] - 1;
    }

    /** Where a string is, or where it would be. */
    private int slot(byte[] text, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text[i];
        }
        int mask = slots.length - 1;
        int slot = ((hash * 0x9E3779B9) >>> 7) & mask;
        while (slots[slot] != 0 && !is(slots[slot] - 1, text, from, to)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private boolean is(int number, byte[] text, int from, int to) {
        return Arrays.equals(bytes, number == 0 ? 0 : ends[number - 1], ends[number], text, from, to);
    }
}
