package dev.fovea.text;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Byte-pair merges (arXiv 1508.07909): starting from characters, the pair of neighbours whose union is the piece of the
 * best score is joined, the leftmost first among equals, until no union is a piece. User-defined pieces are cut out
 * before and join nothing.
 */
final class Bpe implements Segmenter {

    private final Vocabulary vocabulary;

    Bpe(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    @Override
    public Segments segment(byte[] text) {
        return new Run(text).segment();
    }

    private record Merge(int left, int right, int length, float score) implements Comparable<Merge> {

        @Override
        public int compareTo(Merge other) {
            // not Float.compare: the two zeros are one score
            return score > other.score ? -1 : score < other.score ? 1 : Integer.compare(left, other.left);
        }
    }

    /** One text being merged: a list of symbols, linked both ways; a merged-away symbol has length 0. */
    private final class Run {

        private final byte[] text;
        private final int[] from;
        private final int[] length;
        private final int[] previous;
        private final int[] next;
        private final boolean[] frozen;
        private final PriorityQueue<Merge> agenda = new PriorityQueue<>();
        /** Where an unused piece was put together: end of its left part, by piece. */
        private final Map<Integer, Integer> splits = new HashMap<>();

        Run(byte[] text) {
            this.text = text;
            from = new int[text.length];
            length = new int[text.length];
            previous = new int[text.length];
            next = new int[text.length];
            frozen = new boolean[text.length];
        }

        Segments segment() {
            int count = splitToSymbols();
            for (int i = 0; i + 1 < count; i++) {
                propose(i, i + 1);
            }
            for (Merge merge = agenda.poll(); merge != null; merge = agenda.poll()) {
                int left = merge.left;
                int right = merge.right;
                if (length[left] == 0 || length[right] == 0 || length[left] + length[right] != merge.length) {
                    continue; // one of the two was merged otherwise meanwhile
                }
                length[left] += length[right];
                length[right] = 0;
                next[left] = next[right];
                if (next[left] >= 0) {
                    previous[next[left]] = left;
                }
                propose(previous[left], left);
                propose(left, next[left]);
            }
            var segments = new Segments();
            for (int i = count == 0 ? -1 : 0; i >= 0; i = next[i]) {
                emit(from[i], from[i] + length[i], segments);
            }
            return segments;
        }

        private int splitToSymbols() {
            int count = 0;
            for (int at = 0; at < text.length; at += length[count++]) {
                int userDefined = vocabulary.userDefined().longestPrefix(text, at);
                from[count] = at;
                frozen[count] = userDefined > 0;
                length[count] =
                        userDefined > 0 ? userDefined : Math.min(Utf8.lengthByFirst(text[at]), text.length - at);
                previous[count] = count - 1;
                next[count] = count + 1;
            }
            if (count > 0) {
                next[count - 1] = -1;
            }
            return count;
        }

        private void propose(int left, int right) {
            if (left < 0 || right < 0 || frozen[left] || frozen[right]) {
                return;
            }
            int to = from[right] + length[right];
            int id = vocabulary.inText(text, from[left], to);
            if (id == PieceTable.NONE) {
                return;
            }
            agenda.add(
                    new Merge(left, right, to - from[left], vocabulary.piece(id).score()));
            if (vocabulary.piece(id).type() == PieceType.UNUSED) {
                splits.put(id, length[left]);
            }
        }

        /** Writes a piece, or the parts it was made of where it is unused. */
        private void emit(int start, int end, Segments segments) {
            var ends = new ArrayDeque<Integer>();
            ends.push(end);
            int from = start;
            while (!ends.isEmpty()) {
                int to = ends.peek();
                int id = vocabulary.inText(text, from, to);
                Integer split = id == PieceTable.NONE || vocabulary.piece(id).type() != PieceType.UNUSED
                        ? null
                        : splits.get(id);
                if (split != null) {
                    ends.push(from + split);
                } else {
                    segments.add(id == PieceTable.NONE ? vocabulary.unkId() : id, to);
                    from = ends.pop();
                }
            }
        }
    }
}
