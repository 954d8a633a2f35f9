package dev.fovea.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fovea.text.Segmenter.Segments;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Byte-pair merges by a list of them (arXiv 1508.07909) as the tokenizers library runs a converted Gemma vocabulary: added
 * tokens are cut out of the text first, the longest at each place; blanks become U+2581; characters that are no piece
 * become bytes; then the merge of the lowest rank is done, the leftmost first. Ids and texts are those of the library,
 * which takes 1.5 to 2.7 seconds to read 262,144 pieces.
 */
final class MergesTokenizer implements HuggingFaceTokenizer {

    private static final byte[] SPACE = {(byte) 0xE2, (byte) 0x96, (byte) 0x81};

    private final PieceTable pieces;
    private final MergeTable merges;
    private final List<Added> addedTokens;
    private final PieceTrie added = new PieceTrie();
    /** Texts of added tokens that are no pieces; the first has the id behind the last piece. */
    private final List<byte[]> behind;

    private final BitSet special;
    private final int[] byteIds = new int[256];

    /** An added token as bytes. */
    record Added(int id, byte[] text, boolean special) {}

    /**
     * Of what a file says.
     *
     * @param added ids of pieces, or the numbers behind them in order
     * @throws IllegalArgumentException where a byte has no piece
     */
    MergesTokenizer(PieceTable pieces, MergeTable merges, List<Added> added) {
        this.pieces = pieces;
        this.merges = merges;
        this.addedTokens = List.copyOf(added);
        this.special = new BitSet();
        this.behind = added.stream()
                .filter(token -> token.id >= pieces.size())
                .map(Added::text)
                .toList();
        for (Added token : added) {
            this.added.put(token.text, token.id);
            special.set(token.id, token.special);
        }
        for (int b = 0; b < 256; b++) {
            byte[] text = "<0x%02X>".formatted(b).getBytes(UTF_8);
            byteIds[b] = pieces.find(text, 0, text.length);
            if (byteIds[b] == PieceTable.NONE) {
                throw new IllegalArgumentException("no piece <0x%02X>".formatted(b));
            }
        }
    }

    /** Reads what {@link #writeTables} wrote. */
    static MergesTokenizer ofTables(ByteBuffer in) {
        PieceTable pieces = PieceTable.read(in);
        MergeTable merges = MergeTable.read(pieces, in);
        var added = new ArrayList<Added>();
        for (int i = in.getInt(); i > 0; i--) {
            int id = in.getInt();
            boolean special = in.getInt() != 0;
            added.add(new Added(id, MergesTables.bytes(in, in.getInt()), special));
        }
        return new MergesTokenizer(pieces, merges, added);
    }

    void writeTables(ByteBuffer out) {
        pieces.write(out);
        merges.write(out);
        out.putInt(addedTokens.size());
        for (Added token : addedTokens) {
            out.putInt(token.id).putInt(token.special ? 1 : 0).putInt(token.text.length);
            out.put(token.text);
        }
    }

    /** Number of bytes that {@link #writeTables} writes. */
    int tableBytes() {
        int texts = addedTokens.stream().mapToInt(token -> token.text.length).sum();
        return pieces.tableBytes() + merges.tableBytes() + Integer.BYTES * (1 + 3 * addedTokens.size()) + texts;
    }

    @Override
    public int[] encode(String text) {
        byte[] bytes = Utf8.encode(text);
        var ids = new Segments();
        int from = 0;
        int at = 0;
        while (at < bytes.length) {
            int length = added.longestPrefix(bytes, at);
            if (length == 0) {
                at++;
                continue;
            }
            merge(bytes, from, at, ids);
            at += length;
            ids.add(added.find(bytes, at - length, at), at);
            from = at;
        }
        merge(bytes, from, at, ids);
        return ids.toIds();
    }

    private void merge(byte[] text, int from, int to, Segments ids) {
        if (from < to) {
            new Run(text, from, to).write(ids);
        }
    }

    /** One part of a text being merged: a list of symbols, linked both ways. */
    private final class Run {

        private static final int GONE = -1;

        private final int[] piece;
        private final int[] previous;
        private final int[] next;
        private final PriorityQueue<Long> agenda = new PriorityQueue<>(); // rank << 32 | place
        private final int count;

        Run(byte[] text, int from, int to) {
            var symbols = new Segments();
            for (int at = from; at < to; ) {
                if (text[at] == ' ') {
                    add(SPACE, 0, SPACE.length, symbols);
                    at++;
                } else {
                    int end = at + Utf8.lengthByFirst(text[at]);
                    add(text, at, end, symbols);
                    at = end;
                }
            }
            piece = symbols.toIds();
            count = piece.length;
            previous = new int[count];
            next = new int[count];
            for (int i = 0; i < count; i++) {
                previous[i] = i - 1;
                next[i] = i + 1;
            }
        }

        private void add(byte[] text, int from, int to, Segments symbols) {
            int id = pieces.find(text, from, to);
            if (id != PieceTable.NONE) {
                symbols.add(id, to);
                return;
            }
            for (int i = from; i < to; i++) {
                symbols.add(byteIds[text[i] & 0xFF], i);
            }
        }

        void write(Segments ids) {
            for (int i = 0; i < count; i++) {
                propose(i);
            }
            for (Long top = agenda.poll(); top != null; top = agenda.poll()) {
                merge((int) (top >>> 32), top.intValue());
            }
            for (int i = 0; i < count; i = next[i]) {
                ids.add(piece[i], i);
            }
        }

        private void merge(int rank, int left) {
            if (piece[left] == GONE || next[left] == count) {
                return;
            }
            int right = next[left];
            if (merges.rank(piece[left], piece[right]) != rank) {
                return; // one of the two was merged otherwise meanwhile
            }
            piece[left] = merges.union(rank);
            piece[right] = GONE;
            next[left] = next[right];
            if (next[left] < count) {
                previous[next[left]] = left;
            }
            if (previous[left] >= 0) {
                propose(previous[left]);
            }
            propose(left);
        }

        private void propose(int left) {
            if (next[left] < count) {
                int rank = merges.rank(piece[left], piece[next[left]]);
                if (rank != MergeTable.NONE) {
                    agenda.add((long) rank << 32 | left);
                }
            }
        }
    }

    @Override
    public String decode(int... ids) {
        return decode(new BitSet(), ids);
    }

    @Override
    public String decodePlain(int... ids) {
        return decode(special, ids);
    }

    private String decode(BitSet without, int... ids) {
        var text = new ByteArrayOutputStream();
        var bytes = new ByteArrayOutputStream(); // of the byte tokens that stand before i
        for (int id : ids) {
            if (id < 0 || id >= pieces.size() + behind.size() || without.get(id)) {
                continue;
            }
            byte[] piece = id < pieces.size() ? pieces.get(id) : behind.get(id - pieces.size());
            int b = byteOf(piece);
            if (b >= 0) {
                bytes.write(b);
                continue;
            }
            writeBytes(bytes, text);
            writeBlanks(piece, text);
        }
        writeBytes(bytes, text);
        return text.toString(UTF_8);
    }

    /** The byte that a piece {@code <0xE2>} stands for; -1 where it is another. */
    private static int byteOf(byte[] piece) {
        if (piece.length != 6 || piece[0] != '<' || piece[1] != '0' || piece[2] != 'x' || piece[5] != '>') {
            return -1;
        }
        int high = Character.digit(piece[3], 16);
        int low = Character.digit(piece[4], 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    /** A run of byte tokens: their characters where all are, else U+FFFD for each byte. */
    private static void writeBytes(ByteArrayOutputStream run, ByteArrayOutputStream text) {
        byte[] bytes = run.toByteArray();
        run.reset();
        int valid = 0;
        while (valid < bytes.length) {
            int length = Utf8.validLength(bytes, valid, bytes.length);
            if (length == 0) {
                for (int i = 0; i < bytes.length; i++) {
                    text.writeBytes(Utf8.REPLACEMENT);
                }
                return;
            }
            valid += length;
        }
        text.writeBytes(bytes);
    }

    private static void writeBlanks(byte[] piece, ByteArrayOutputStream text) {
        for (int i = 0; i < piece.length; i++) {
            boolean blank = i + 2 < piece.length
                    && piece[i] == SPACE[0]
                    && piece[i + 1] == SPACE[1]
                    && piece[i + 2] == SPACE[2];
            text.write(blank ? ' ' : piece[i]);
            i += blank ? 2 : 0;
        }
    }

    @Override
    public void close() {
        // nothing outside of the heap
    }
}
