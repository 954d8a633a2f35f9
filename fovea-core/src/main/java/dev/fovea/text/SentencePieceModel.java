package dev.fovea.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a SentencePiece {@code .model} file says that matters for encoding and decoding.
 *
 * @param pieces the vocabulary, id by position
 * @param denormalizer rewriting rules for decoded text, empty for none
 */
public record SentencePieceModel(
        List<Piece> pieces, Segmentation segmentation, Normalization normalization, byte[] denormalizer) {

    /** How a text is cut into pieces. */
    public enum Algorithm {
        UNIGRAM,
        BPE
    }

    /** One entry of the vocabulary; its text holds U+2581 for a blank. */
    public record Piece(String text, float score, PieceType type) {}

    /**
     * @param byteFallback whether what no piece covers is written as bytes instead of as unknown
     * @param whitespaceAsSuffix whether a word owns the blank behind it instead of the one before it
     * @param unkSurface what decoding writes for the unknown piece
     */
    public record Segmentation(
            Algorithm algorithm, boolean byteFallback, boolean whitespaceAsSuffix, String unkSurface) {}

    /**
     * @param charsmap rewriting rules, empty for none
     * @param addDummyPrefix whether the first word gets a blank as the others have
     * @param removeExtraWhitespaces whether blanks are collapsed and trimmed
     * @param escapeWhitespaces whether a blank is written as U+2581
     */
    public record Normalization(
            byte[] charsmap, boolean addDummyPrefix, boolean removeExtraWhitespaces, boolean escapeWhitespaces) {}

    /** More than fifty times the largest published model. */
    private static final long MAX_BYTES = 1 << 28;

    public SentencePieceModel {
        pieces = List.copyOf(pieces);
    }

    /** Reads a {@code .model} file. */
    public static SentencePieceModel read(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new IllegalArgumentException(
                        "%s: %d bytes are no SentencePiece model, the limit is %d".formatted(file, size, MAX_BYTES));
            }
            return parse(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    /** Parses the bytes of a {@code .model} file; {@code name} is for messages. */
    public static SentencePieceModel parse(byte[] file, String name) {
        try {
            return new SentencePieceModelParser().parse(file);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: not a SentencePiece model: %s".formatted(name, e.getMessage()), e);
        }
    }

    /** The same model with user-defined pieces appended, as PaliGemma's authors add location tokens. */
    public SentencePieceModel withUserDefined(List<String> texts) {
        var all = new ArrayList<>(pieces);
        texts.forEach(text -> all.add(new Piece(text, 0, PieceType.USER_DEFINED)));
        return new SentencePieceModel(all, segmentation, normalization, denormalizer);
    }

    /** The same model, but for the blank that the first word gets or not. */
    public SentencePieceModel withDummyPrefix(boolean addDummyPrefix) {
        var n = normalization;
        return new SentencePieceModel(
                pieces,
                segmentation,
                new Normalization(n.charsmap, addDummyPrefix, n.removeExtraWhitespaces, n.escapeWhitespaces),
                denormalizer);
    }
}
