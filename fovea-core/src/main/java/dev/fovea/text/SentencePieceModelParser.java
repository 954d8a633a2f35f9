package dev.fovea.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fovea.text.SentencePieceModel.Algorithm;
import dev.fovea.text.SentencePieceModel.Normalization;
import dev.fovea.text.SentencePieceModel.Piece;
import dev.fovea.text.SentencePieceModel.Segmentation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;

/** The fields of {@code sentencepiece_model.proto} that encoding and decoding need, with the defaults written there. */
final class SentencePieceModelParser {

    private static final byte[] NONE = {};
    private static final char REPLACEMENT = '\uFFFD';

    private final List<Piece> pieces = new ArrayList<>();
    private int modelType = 1;
    private boolean byteFallback;
    private boolean whitespaceAsSuffix;
    private String unkSurface = " \u2047 ";
    private byte[] charsmap = NONE;
    private boolean addDummyPrefix = true;
    private boolean removeExtraWhitespaces = true;
    private boolean escapeWhitespaces = true;
    private byte[] denormalizer = NONE;

    SentencePieceModel parse(byte[] file) {
        var in = new WireReader(file);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> pieces.add(piece(in.message()));
                case 2 -> trainer(in.message());
                case 3 -> normalizer(in.message());
                case 5 -> denormalizer(in.message());
                default -> {}
            }
        }
        return new SentencePieceModel(
                pieces,
                new Segmentation(algorithm(), byteFallback, whitespaceAsSuffix, unkSurface),
                new Normalization(charsmap, addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces),
                denormalizer);
    }

    private Algorithm algorithm() {
        return switch (modelType) {
            case 1 -> Algorithm.UNIGRAM;
            case 2 -> Algorithm.BPE;
            case 3, 4 -> throw new IllegalArgumentException("model type WORD or CHAR; UNIGRAM and BPE are supported");
            default -> throw new IllegalArgumentException("model type %d, wanted 1 to 4".formatted(modelType));
        };
    }

    private Piece piece(WireReader in) {
        String text = "";
        float score = 0;
        var type = PieceType.NORMAL;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> text = text(in.bytes());
                case 2 -> score = in.float32();
                case 3 -> type = PieceType.ofNumber(in.integer());
                default -> {}
            }
        }
        if (Float.isNaN(score)) {
            throw new IllegalArgumentException("piece %d has no number as its score".formatted(pieces.size()));
        }
        return new Piece(text, score, type);
    }

    private void trainer(WireReader in) {
        while (in.next()) {
            switch (in.field()) {
                case 3 -> modelType = in.integer();
                case 24 -> whitespaceAsSuffix = in.bool();
                case 35 -> byteFallback = in.bool();
                case 44 -> unkSurface = text(in.bytes());
                default -> {}
            }
        }
    }

    private void normalizer(WireReader in) {
        while (in.next()) {
            switch (in.field()) {
                case 2 -> charsmap = in.bytes();
                case 3 -> addDummyPrefix = in.bool();
                case 4 -> removeExtraWhitespaces = in.bool();
                case 5 -> escapeWhitespaces = in.bool();
                default -> {}
            }
        }
    }

    private void denormalizer(WireReader in) {
        while (in.next()) {
            if (in.field() == 2) {
                denormalizer = in.bytes();
            }
        }
    }

    private static String text(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        if (text.indexOf(REPLACEMENT) < 0) { // which stands for what is none; it may also be meant
            return text;
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a text of %d bytes that is not UTF-8".formatted(bytes.length), e);
        }
    }
}
