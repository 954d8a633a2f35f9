package dev.fovea.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The rewriting rules that a SentencePiece model carries (its {@code precompiled_charsmap}): a double-array trie from
 * character sequences to positions among zero-terminated replacements. The layout is that of the Darts-clone library:
 * one 32-bit unit a node, bit 31 a leaf, bit 8 "has a leaf", the low byte the label, the upper bits the offset.
 */
final class CharsMap {

    private static final int LABEL_MASK = 1 << 31 | 0xFF;

    private final int[] units;
    private final byte[] replacements;

    private CharsMap(int[] units, byte[] replacements) {
        this.units = units;
        this.replacements = replacements;
    }

    static CharsMap parse(byte[] blob) {
        ByteBuffer in = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
        long size = blob.length < 4 ? -1 : Integer.toUnsignedLong(in.getInt());
        if (size < 4 || size % 4 != 0 || size >= in.remaining() || blob[blob.length - 1] != 0) {
            throw new IllegalArgumentException(
                    "normalizer: a character map of %d bytes whose trie claims %d".formatted(blob.length, size));
        }
        var units = new int[(int) size / 4];
        in.asIntBuffer().get(units);
        var replacements = new byte[in.remaining() - (int) size];
        in.position(in.position() + (int) size).get(replacements);
        var map = new CharsMap(units, replacements);
        map.check();
        return map;
    }

    /** A rule that fits: it takes {@code length} bytes of the text and leaves {@code replacements[from .. to-1]}. */
    record Rule(int length, byte[] replacement, int from, int to) {}

    /** The longest rule for what {@code text} has at {@code from}; null where none fits. */
    @Nullable
    Rule longest(byte[] text, int from) {
        int length = 0;
        int value = 0;
        int node = offset(units[0]);
        for (int i = from; i < text.length; i++) {
            node ^= text[i] & 0xFF;
            int unit = units[node];
            if ((unit & LABEL_MASK) != (text[i] & 0xFF)) {
                break;
            }
            node ^= offset(unit);
            if (hasLeaf(unit)) {
                length = i + 1 - from;
                value = units[node] & Integer.MAX_VALUE;
            }
        }
        return length == 0 ? null : new Rule(length, replacements, value, terminator(value));
    }

    private int terminator(int from) {
        int to = from;
        while (replacements[to] != 0) {
            to++;
        }
        return to;
    }

    /** Visits all that a text can reach, so that no lookup needs to check its bounds. */
    private void check() {
        var seen = new BitSet(units.length);
        var open = new ArrayDeque<Integer>();
        open.add(0);
        while (!open.isEmpty()) {
            int node = open.pop();
            int base = node ^ offset(units[node]);
            if ((base | 0xFF) >= units.length) {
                throw new IllegalArgumentException("normalizer: trie node %d points to %d, there are %d nodes"
                        .formatted(node, base, units.length));
            }
            if (hasLeaf(units[node]) && (units[base] & Integer.MAX_VALUE) >= replacements.length) {
                throw new IllegalArgumentException("normalizer: a rule points to byte %d of %d bytes of replacements"
                        .formatted(units[base] & Integer.MAX_VALUE, replacements.length));
            }
            for (int label = 0; label < 256; label++) {
                int child = base ^ label;
                if ((units[child] & LABEL_MASK) == label && !seen.get(child)) {
                    seen.set(child);
                    open.push(child);
                }
            }
        }
    }

    private static boolean hasLeaf(int unit) {
        return (unit >>> 8 & 1) == 1;
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }
}
