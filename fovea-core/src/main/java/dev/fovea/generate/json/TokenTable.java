package dev.fovea.generate.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fovea.text.HuggingFaceTokenizer;
import dev.fovea.text.PieceType;
import dev.fovea.text.SentencePiece;
import dev.fovea.text.SentencePieceModel.Piece;
import dev.fovea.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The bytes that each token writes, in order, so that tokens with the same beginning stand together. One serves any number
 * of answers.
 */
public final class TokenTable {

    /** Tokens that write more are left out. */
    static final int MAX_BYTES = 256;

    private static final char REPLACEMENT = '\ufffd';

    private record Token(int id, byte[] bytes) {}

    private final int vocabSize;
    private final int[] ids;
    private final byte[][] bytes;
    private final int[] shared;
    private final byte[][] byId;

    private TokenTable(int vocabSize, List<Token> tokens) {
        this.vocabSize = vocabSize;
        tokens.removeIf(token -> token.bytes.length > MAX_BYTES);
        tokens.sort((a, b) -> Arrays.compareUnsigned(a.bytes, b.bytes));
        ids = tokens.stream().mapToInt(Token::id).toArray();
        bytes = tokens.stream().map(Token::bytes).toArray(byte[][]::new);
        shared = new int[ids.length];
        byId = new byte[vocabSize][];
        for (int i = 0; i < ids.length; i++) {
            byId[ids[i]] = bytes[i];
            int mismatch = i == 0 ? 0 : Arrays.mismatch(bytes[i - 1], bytes[i]);
            shared[i] = mismatch < 0 ? bytes[i].length : mismatch;
        }
    }

    /** The tokens of a SentencePiece vocabulary; byte pieces are bytes, control pieces and {@code never} are left out. */
    public static TokenTable of(SentencePiece tokenizer, Set<Integer> never) {
        var tokens = new ArrayList<Token>();
        for (int id = 0; id < tokenizer.vocabSize(); id++) {
            Piece piece = tokenizer.piece(id);
            boolean writes = piece.type() == PieceType.NORMAL || piece.type() == PieceType.USER_DEFINED;
            if (never.contains(id) || !(writes || piece.type() == PieceType.BYTE)) {
                continue;
            }
            tokens.add(new Token(
                    id,
                    writes
                            ? piece.text().replace('\u2581', ' ').getBytes(UTF_8)
                            : new byte[] {(byte) Integer.parseInt(piece.text().substring(3, 5), 16)}));
        }
        return new TokenTable(tokenizer.vocabSize(), tokens);
    }

    /**
     * The tokens of any tokenizer that decode to whole characters each; {@code never}, the others, and the special tokens
     * of a {@code tokenizer.json} are left out.
     */
    public static TokenTable of(Tokenizer tokenizer, int vocabSize, Set<Integer> never) {
        if (tokenizer instanceof SentencePiece pieces) {
            return of(pieces, never);
        }
        var tokens = new ArrayList<Token>();
        for (int id = 0; id < vocabSize; id++) {
            String text = never.contains(id)
                    ? ""
                    : tokenizer instanceof HuggingFaceTokenizer t ? t.decodePlain(id) : tokenizer.decode(id);
            if (!text.isEmpty() && text.indexOf(REPLACEMENT) < 0) {
                tokens.add(new Token(id, text.getBytes(UTF_8)));
            }
        }
        return new TokenTable(vocabSize, tokens);
    }

    /** Number of ids, those left out included. */
    public int vocabSize() {
        return vocabSize;
    }

    /** Tokens in the table. */
    int size() {
        return ids.length;
    }

    int id(int i) {
        return ids[i];
    }

    byte[] bytes(int i) {
        return bytes[i];
    }

    /** How many bytes the token shares with the one before it. */
    int shared(int i) {
        return shared[i];
    }

    /** What a token writes; nothing where it was left out. */
    byte[] bytesOf(int id) {
        byte[] own = id >= 0 && id < vocabSize ? byId[id] : null;
        return own == null ? new byte[0] : own;
    }
}
