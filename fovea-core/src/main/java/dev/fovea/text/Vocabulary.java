package dev.fovea.text;

import dev.fovea.text.SentencePieceModel.Piece;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** The pieces of a model, found by text and by bytes. Control, unknown and byte pieces are never found in a text. */
final class Vocabulary {

    private static final Pattern BYTE = Pattern.compile("<0x[0-9A-F]{2}>");

    private final List<Piece> pieces;
    private final PieceTable table;
    private final PieceTrie userDefined = new PieceTrie();
    private final int[] byteIds = new int[256];
    private final byte[] byteOf;
    private int unkId = -1;

    Vocabulary(List<Piece> pieces, boolean byteFallback) {
        this.pieces = pieces;
        this.table = new PieceTable(pieces.size());
        this.byteOf = new byte[pieces.size()];
        Arrays.fill(byteIds, -1);
        for (int id = 0; id < pieces.size(); id++) {
            add(id, pieces.get(id), byteFallback);
        }
        if (unkId < 0) {
            throw new IllegalArgumentException("no piece of type UNKNOWN among %d".formatted(pieces.size()));
        }
        for (int b = 0; byteFallback && b < 256; b++) {
            if (byteIds[b] < 0) {
                throw new IllegalArgumentException("byte fallback is on, and there is no piece <0x%02X>".formatted(b));
            }
        }
    }

    private void add(int id, Piece piece, boolean byteFallback) {
        if (piece.text().isEmpty()) {
            throw new IllegalArgumentException("piece %d is empty".formatted(id));
        }
        byte[] text = Utf8.encode(piece.text());
        int twin = table.add(text);
        if (twin >= 0) {
            throw new IllegalArgumentException("pieces %d and %d are both %s".formatted(twin, id, piece.text()));
        }
        switch (piece.type()) {
            case NORMAL, UNUSED, CONTROL -> {}
            case USER_DEFINED -> userDefined.put(text, id);
            case UNKNOWN -> {
                if (unkId >= 0) {
                    throw new IllegalArgumentException("pieces %d and %d are both UNKNOWN".formatted(unkId, id));
                }
                unkId = id;
            }
            case BYTE -> {
                if (!byteFallback) {
                    throw new IllegalArgumentException("byte piece %d, and byte fallback is off".formatted(id));
                }
                byteOf[id] = (byte) byteValue(piece.text());
                byteIds[byteOf[id] & 0xFF] = id;
            }
        }
    }

    private static int byteValue(String text) {
        if (!BYTE.matcher(text).matches()) {
            throw new IllegalArgumentException("byte piece %s, wanted <0x00> to <0xFF>".formatted(text));
        }
        return Integer.parseInt(text.substring(3, 5), 16);
    }

    List<Piece> pieces() {
        return pieces;
    }

    Piece piece(int id) {
        return pieces.get(id);
    }

    /** The id of a piece by its text, of whatever type; -1 where there is none. */
    int id(String piece) {
        byte[] text = Utf8.encode(piece);
        return table.find(text, 0, text.length);
    }

    /** The piece that a text has from one byte on, before another; {@link PieceTable#NONE} where that is none. */
    int inText(byte[] text, int from, int to) {
        int id = table.find(text, from, to);
        return id >= 0 && isInText(pieces.get(id)) ? id : PieceTable.NONE;
    }

    /** Pieces that a text can hold, to be walked byte by byte; made anew. */
    PieceTrie inText() {
        var trie = new PieceTrie();
        for (int id = 0; id < pieces.size(); id++) {
            if (isInText(pieces.get(id))) {
                trie.put(Utf8.encode(pieces.get(id).text()), id);
            }
        }
        return trie;
    }

    private static boolean isInText(Piece piece) {
        return switch (piece.type()) {
            case NORMAL, UNUSED, USER_DEFINED -> true;
            case UNKNOWN, CONTROL, BYTE -> false;
        };
    }

    /** Pieces that are taken from the text before anything else. */
    PieceTrie userDefined() {
        return userDefined;
    }

    int unkId() {
        return unkId;
    }

    int byteId(byte b) {
        return byteIds[b & 0xFF];
    }

    byte byteOf(int id) {
        return byteOf[id];
    }
}
