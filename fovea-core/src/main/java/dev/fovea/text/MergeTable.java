package dev.fovea.text;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Which pairs of pieces merge, into what, and which of two merges comes first. An open hash table whose keys are the pairs'
 * texts, which are those of the pieces that they become: half a million merges are stored without a search for their parts.
 */
final class MergeTable {

    static final int NONE = -1;

    private final PieceTable pieces;
    private int[] slots; // of rank + 1; at most half of them full
    private int[] unions;
    private int[] middles;
    private int size;

    /** For about so many merges. */
    MergeTable(PieceTable pieces, int count) {
        this.pieces = pieces;
        unions = new int[Math.max(1, count)];
        middles = new int[unions.length];
        slots = new int[Integer.highestOneBit(unions.length) << 2];
    }

    private MergeTable(PieceTable pieces, int[] slots, int[] unions, int[] middles) {
        this.pieces = pieces;
        this.slots = slots;
        this.unions = unions;
        this.middles = middles;
        this.size = unions.length;
    }

    /** Reads what {@link #write} wrote. */
    static MergeTable read(PieceTable pieces, ByteBuffer in) {
        int size = in.getInt();
        int slots = in.getInt();
        return new MergeTable(
                pieces, MergesTables.ints(in, slots), MergesTables.ints(in, size), MergesTables.ints(in, size));
    }

    void write(ByteBuffer out) {
        out.putInt(size).putInt(slots.length);
        MergesTables.put(out, slots, slots.length);
        MergesTables.put(out, unions, size);
        MergesTables.put(out, middles, size);
    }

    /** Number of bytes that {@link #write} writes. */
    int tableBytes() {
        return Integer.BYTES * (2 + slots.length + 2 * size);
    }

    /**
     * Gives the merge of {@code text[0 .. middle-1]} and {@code text[middle .. end-1]} the next rank, which replaces the one
     * that the pair had.
     *
     * @return whether the parts and their union are pieces; if not nothing is stored
     */
    boolean add(byte[] text, int middle, int end) {
        int left = PieceTable.hash(text, 0, middle);
        int right = PieceTable.hash(text, middle, end);
        int union = union(text, end);
        if (union == PieceTable.NONE || !pieces.hasHash(left) || !pieces.hasHash(right)) {
            return false;
        }
        if (size == unions.length) {
            unions = Arrays.copyOf(unions, 2 * size);
            middles = Arrays.copyOf(middles, 2 * size);
        }
        unions[size] = union;
        middles[size] = middle;
        put(left, right, size++);
        if (2 * size > slots.length) {
            grow();
        }
        return true;
    }

    /** The merges of one piece stand together, in published files by the order of the pieces. */
    private int union(byte[] text, int end) {
        int last = size == 0 ? 0 : unions[size - 1];
        for (int guess = last; guess < Math.min(last + 2, pieces.size()); guess++) {
            if (pieces.is(guess, text, 0, end)) {
                return guess;
            }
        }
        return pieces.find(text, 0, end);
    }

    private void put(int leftHash, int rightHash, int rank) {
        int slot = first(leftHash, rightHash);
        while (slots[slot] != 0 && !sameMerge(slots[slot] - 1, rank)) {
            slot = next(slot);
        }
        slots[slot] = rank + 1;
    }

    private boolean sameMerge(int rank, int other) {
        return unions[rank] == unions[other] && middles[rank] == middles[other];
    }

    private void grow() {
        slots = new int[2 * slots.length];
        for (int rank = 0; rank < size; rank++) {
            byte[] text = pieces.get(unions[rank]);
            put(PieceTable.hash(text, 0, middles[rank]), PieceTable.hash(text, middles[rank], text.length), rank);
        }
    }

    /** The rank of a pair of pieces, the lower the sooner; {@link #NONE} where it does not merge. */
    int rank(int left, int right) {
        int slot = first(pieces.hash(left), pieces.hash(right));
        while (slots[slot] != 0) {
            int rank = slots[slot] - 1;
            if (middles[rank] == pieces.length(left) && pieces.isUnion(unions[rank], left, right)) {
                return rank;
            }
            slot = next(slot);
        }
        return NONE;
    }

    /** What the pair of a rank becomes. */
    int union(int rank) {
        return unions[rank];
    }

    private int first(int leftHash, int rightHash) {
        long key = ((long) leftHash << 32) ^ rightHash;
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & (slots.length - 1);
    }

    private int next(int slot) {
        return (slot + 1) & (slots.length - 1);
    }
}
