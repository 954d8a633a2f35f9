package dev.fovea.kernel;

import dev.fovea.kernel.KvRows.Format;

/**
 * How keys and values lie in memory: so that attention reads all of it from front to back, and needs no sum across a register.
 *
 * <p>Keys: {@value #KEYS} tokens are a tile, in which each word (32 bits, two values of bfloat16 or four of 8 bits, the first lowest)
 * of all of them lies side by side, as {@link Loops} has the rows of a matrix. With 8 bits a word of the tokens' float32 steps
 * comes last.
 *
 * <p>Values: the tokens of {@value #UNIT} slots one after the other, {@value #VALUES} dimensions of all of them, then the next.
 *
 * @param headDim values of a key
 */
record KvTiles(Format format, int headDim) {

    /** Tokens of a tile of keys. */
    static final int KEYS = Loops.GROUP;
    /** Slots whose values lie together. */
    static final int UNIT = 64;
    /** Dimensions of values that lie side by side. */
    static final int VALUES = 64;

    /** Words of a key. */
    int words() {
        return Math.ceilDiv(headDim * format.bytes(), Integer.BYTES);
    }

    /** Bytes of a tile of keys. */
    long keyTile() {
        return (long) Loops.WORD_BYTES * (words() + (format == Format.INT8 ? 1 : 0));
    }

    /** Dimensions of values in memory: the last ones may be nobody's. */
    int paddedDim() {
        return Math.ceilDiv(headDim, VALUES) * VALUES;
    }

    /** Bytes of the values of {@value #VALUES} dimensions of {@value #UNIT} slots. */
    long valueTile() {
        return (long) UNIT * VALUES * format.bytes();
    }

    /** Bytes of the keys of so many slots, a multiple of {@value #UNIT}. */
    long keyBytes(int slots) {
        return slots / KEYS * keyTile();
    }

    /** The same of the values. */
    long valueBytes(int slots) {
        return (long) slots * paddedDim() * format.bytes();
    }

    /** Bytes of a slot. */
    long slotBytes() {
        long steps = format == Format.INT8 ? Float.BYTES : 0;
        return keyTile() / KEYS + (long) paddedDim() * format.bytes() + steps;
    }

    /** Where a slot's first word is in the keys of a head; the next is {@link Loops#WORD_BYTES} further. */
    long key(int slot) {
        return slot / KEYS * keyTile() + (long) Integer.BYTES * (slot % KEYS);
    }

    /** Where a slot's {@value #VALUES} dimensions from {@code column} on, a multiple of them, are in the values of a head. */
    long value(int slot, int column) {
        long unit = valueBytes(slot / UNIT * UNIT);
        return unit + column / VALUES * valueTile() + (long) (slot % UNIT) * VALUES * format.bytes();
    }
}
