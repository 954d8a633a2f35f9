package dev.fovea.text;

import dev.fovea.text.SentencePieceModel.Piece;
import java.util.Arrays;

/**
 * The most probable segmentation under a unigram model: Viterbi over byte positions (arXiv 1804.10959, section 3.2). A
 * character that no piece covers alone may stand as unknown, {@value #UNK_PENALTY} below the worst score.
 */
final class Unigram implements Segmenter {

    private static final float UNK_PENALTY = 10;
    /** A user-defined piece beats every cut into other pieces: the best score for each of its bytes, less this. */
    private static final double USER_DEFINED_MARGIN = 0.1;

    private final Vocabulary vocabulary;
    private final PieceTrie trie;
    private final float maxScore;
    private final float unkScore;

    Unigram(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        this.trie = vocabulary.inText();
        float min = Float.MAX_VALUE;
        float max = Float.MIN_VALUE;
        for (Piece piece : vocabulary.pieces()) {
            if (piece.type() == PieceType.NORMAL) {
                min = Math.min(min, piece.score());
                max = Math.max(max, piece.score());
            }
        }
        maxScore = max;
        unkScore = min - UNK_PENALTY;
    }

    @Override
    public Segments segment(byte[] text) {
        var best = new float[text.length + 1];
        var starts = new int[text.length + 1];
        var ids = new int[text.length + 1];
        Arrays.fill(starts, -1);
        for (int from = 0; from < text.length; ) {
            int length = Math.min(Utf8.lengthByFirst(text[from]), text.length - from);
            boolean covered = extend(text, from, length, best, starts, ids);
            int to = from + length;
            if (!covered && (starts[to] < 0 || unkScore + best[from] > best[to])) {
                best[to] = unkScore + best[from];
                starts[to] = from;
                ids[to] = vocabulary.unkId();
            }
            from = to;
        }
        return path(starts, ids, text.length);
    }

    /** Tries every piece that begins at {@code from}; true where one of them is exactly the character there. */
    private boolean extend(byte[] text, int from, int charLength, float[] best, int[] starts, int[] ids) {
        boolean covered = false;
        int node = PieceTrie.ROOT;
        for (int to = from + 1; to <= text.length; to++) {
            node = trie.step(node, text[to - 1]);
            if (node == PieceTrie.NONE) {
                break;
            }
            int id = trie.value(node);
            if (id == PieceTrie.NONE || vocabulary.piece(id).type() == PieceType.UNUSED) {
                continue;
            }
            // The sum is compared before it is rounded to float, as the reference does; it decides ties.
            double score = score(id, to - from) + best[from];
            if (starts[to] < 0 || score > best[to]) {
                best[to] = (float) score;
                starts[to] = from;
                ids[to] = id;
            }
            covered |= to - from == charLength;
        }
        return covered;
    }

    private double score(int id, int length) {
        Piece piece = vocabulary.piece(id);
        return piece.type() == PieceType.USER_DEFINED ? length * maxScore - USER_DEFINED_MARGIN : piece.score();
    }

    private static Segments path(int[] starts, int[] ids, int end) {
        var backwards = new Segments();
        for (int at = end; at > 0; at = starts[at]) {
            backwards.add(ids[at], at);
        }
        return backwards.reversed();
    }
}
