package dev.fovea.text;

import java.util.Arrays;

/** Cuts a normalized text into pieces. */
sealed interface Segmenter permits Unigram, Bpe {

    Segments segment(byte[] text);

    /** Pieces in order: {@code ids[i]} ends before byte {@code ends[i]} of the text. */
    final class Segments {

        private int[] ids = new int[16];
        private int[] ends = new int[16];
        private int size;

        void add(int id, int end) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, size * 2);
                ends = Arrays.copyOf(ends, size * 2);
            }
            ids[size] = id;
            ends[size++] = end;
        }

        int[] toIds() {
            return Arrays.copyOf(ids, size);
        }

        int size() {
            return size;
        }

        int id(int i) {
            return ids[i];
        }

        int end(int i) {
            return ends[i];
        }

        /** Turns the order round, for a path that was followed from its end. */
        Segments reversed() {
            var other = new Segments();
            for (int i = size - 1; i >= 0; i--) {
                other.add(ids[i], ends[i]);
            }
            return other;
        }
    }
}
