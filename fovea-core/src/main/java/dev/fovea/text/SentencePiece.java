package dev.fovea.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fovea.text.Segmenter.Segments;
import dev.fovea.text.SentencePieceModel.Piece;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A SentencePiece vocabulary at work, id for id as the C++ library. No begin or end mark is added, and a control piece
 * written out in the text is spelled, not taken for the mark. A surrogate without its partner counts as U+FFFD.
 */
public final class SentencePiece implements Tokenizer {

    private static final String SPACE = "\u2581";

    private final SentencePieceModel model;
    private final Vocabulary vocabulary;
    private final Normalizer normalizer;
    private final Segmenter segmenter;
    private final @Nullable Normalizer denormalizer;

    private SentencePiece(SentencePieceModel model) {
        this.model = model;
        this.vocabulary = new Vocabulary(model.pieces(), model.segmentation().byteFallback());
        this.normalizer = new Normalizer(model, vocabulary.userDefined());
        this.segmenter = switch (model.segmentation().algorithm()) {
            case UNIGRAM -> new Unigram(vocabulary);
            case BPE -> new Bpe(vocabulary);
        };
        this.denormalizer = model.denormalizer().length == 0 ? null : Normalizer.ofDecoded(model.denormalizer());
    }

    /** Reads a {@code .model} file: {@code spiece.model}, {@code tokenizer.model}. */
    public static SentencePiece read(Path file) {
        return of(SentencePieceModel.read(file), file.toString());
    }

    /** A tokenizer of a model; {@code name} is for messages. */
    public static SentencePiece of(SentencePieceModel model, String name) {
        try {
            return new SentencePiece(model);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: not a SentencePiece model: %s".formatted(name, e.getMessage()), e);
        }
    }

    @Override
    public int[] encode(String text) {
        byte[] normalized = normalizer.normalize(Utf8.encode(text));
        Segments segments = segmenter.segment(normalized);
        var ids = new Segments();
        boolean afterUnknown = false;
        int from = 0;
        for (int i = 0; i < segments.size(); i++) {
            int id = segments.id(i);
            int to = segments.end(i);
            boolean unknown = id == vocabulary.unkId();
            if (unknown && model.segmentation().byteFallback()) {
                for (int at = from; at < to; at++) {
                    ids.add(vocabulary.byteId(normalized[at]), at + 1);
                }
            } else if (!(unknown && afterUnknown)) { // a run of unknowns is one
                ids.add(id, to);
            }
            afterUnknown = unknown;
            from = to;
        }
        return ids.toIds();
    }

    @Override
    public String decode(int... ids) {
        var text = new ByteArrayOutputStream();
        boolean atStart = true;
        int run = 0; // first of the byte pieces that stand before i
        for (int i = 0; i < ids.length; i++) {
            Piece piece = piece(ids[i]);
            if (piece.type() == PieceType.BYTE) {
                continue;
            }
            writeBytes(ids, run, i, text);
            run = i + 1;
            atStart &= text.size() == 0;
            boolean mayDropBlank = model.normalization().addDummyPrefix()
                    || model.normalization().removeExtraWhitespaces();
            boolean drops =
                    atStart && mayDropBlank && isText(piece) && piece.text().startsWith(SPACE);
            text.writeBytes(Utf8.encode(drops ? surface(piece).substring(1) : surface(piece)));
            // Only one blank of the dummy prefix goes; where extra blanks are removed, all leading ones do.
            atStart &= !drops || model.normalization().removeExtraWhitespaces();
        }
        writeBytes(ids, run, ids.length, text);
        byte[] bytes = text.toByteArray();
        return new String(denormalizer == null ? bytes : denormalizer.normalize(bytes), UTF_8);
    }

    private static boolean isText(Piece piece) {
        return piece.type() != PieceType.CONTROL && piece.type() != PieceType.UNKNOWN;
    }

    private String surface(Piece piece) {
        return switch (piece.type()) {
            case CONTROL -> "";
            case UNKNOWN -> model.segmentation().unkSurface();
            default -> piece.text().replace(SPACE, " ");
        };
    }

    /** Byte pieces as characters; each byte that belongs to none becomes U+FFFD. */
    private void writeBytes(int[] ids, int start, int end, ByteArrayOutputStream text) {
        var bytes = new byte[end - start];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = vocabulary.byteOf(ids[start + i]);
        }
        for (int at = 0; at < bytes.length; ) {
            int length = Utf8.validLength(bytes, at, bytes.length);
            if (length == 0) {
                text.writeBytes(Utf8.REPLACEMENT);
                at++;
            } else {
                text.write(bytes, at, length);
                at += length;
            }
        }
    }

    /** Number of ids. */
    public int vocabSize() {
        return model.pieces().size();
    }

    /** The model this tokenizer was made of. */
    public SentencePieceModel model() {
        return model;
    }

    /** The piece of an id. */
    public Piece piece(int id) {
        if (id < 0 || id >= vocabSize()) {
            throw new IllegalArgumentException("id %d, the vocabulary has %d".formatted(id, vocabSize()));
        }
        return vocabulary.piece(id);
    }

    /** The id of a piece by its text, also of control pieces such as {@code </s>}; -1 where there is none. */
    public int id(String piece) {
        return vocabulary.id(piece);
    }

    @Override
    public String toString() {
        return "SentencePiece[%s, %d pieces]".formatted(model.segmentation().algorithm(), vocabSize());
    }
}
