package dev.fovea.checkpoint;

import dev.fovea.text.PieceType;
import dev.fovea.text.SentencePieceModel;
import dev.fovea.text.SentencePieceModel.Algorithm;
import dev.fovea.text.SentencePieceModel.Normalization;
import dev.fovea.text.SentencePieceModel.Piece;
import dev.fovea.text.SentencePieceModel.Segmentation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The vocabulary in a GGUF file as the SentencePiece model it was made of. The file tells less than that:
 *
 * <ul>
 *   <li>Marks that a text may hold ({@code <start_of_turn>}) are stored as control pieces, which SentencePiece never finds
 *       in a text. All but the marks of beginning, end, padding and mask of the metadata are taken as user-defined.
 *   <li>Writers that know no user-defined pieces store them as normal ones. SentencePiece gives them a score of +0, and
 *       its best merge -0, so the sign tells them apart; this is done only where a file has no user-defined piece at all.
 *   <li>Blanks of user-defined pieces may be written as blanks, not as U+2581.
 * </ul>
 */
final class GgufVocabulary {

    private static final String KEYS = "tokenizer.ggml.";
    private static final List<String> NEVER_IN_TEXT =
            List.of("bos_token_id", "eos_token_id", "padding_token_id", "unknown_token_id");

    private GgufVocabulary() {}

    static SentencePieceModel model(Path path, GgufMetadata metadata) {
        String algorithm = metadata.string(KEYS + "model");
        if (!algorithm.equals("llama")) {
            throw BadFile.of(
                    path, "%smodel: %s, wanted llama, which is SentencePiece with merges".formatted(KEYS, algorithm));
        }
        List<Piece> pieces = pieces(path, metadata);
        return new SentencePieceModel(
                pieces,
                new Segmentation(
                        Algorithm.BPE,
                        pieces.stream().anyMatch(piece -> piece.type() == PieceType.BYTE),
                        false,
                        " \u2047 "),
                new Normalization(
                        new byte[0],
                        metadata.bool(KEYS + "add_space_prefix", true),
                        metadata.bool(KEYS + "remove_extra_whitespaces", false),
                        true),
                new byte[0]);
    }

    private static List<Piece> pieces(Path path, GgufMetadata metadata) {
        List<String> tokens = metadata.strings(KEYS + "tokens");
        List<Double> scores = metadata.numbers(KEYS + "scores");
        List<Long> types = metadata.integers(KEYS + "token_type");
        if (scores.size() != tokens.size() || types.size() != tokens.size()) {
            throw BadFile.of(
                    path,
                    "%stokens: %d tokens, %d scores and %d types"
                            .formatted(KEYS, tokens.size(), scores.size(), types.size()));
        }
        Set<Long> neverInText = new HashSet<>();
        NEVER_IN_TEXT.forEach(key -> neverInText.add(metadata.integer(KEYS + key, -1)));
        boolean knowsUserDefined = types.contains((long) PieceType.USER_DEFINED.number());
        var pieces = new ArrayList<Piece>(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            PieceType type;
            try {
                type = PieceType.ofNumber(Math.toIntExact(types.get(id)));
            } catch (ArithmeticException | IllegalArgumentException e) {
                throw BadFile.of(path, "%stoken_type: token %d: %s".formatted(KEYS, id, e.getMessage()));
            }
            double score = scores.get(id);
            boolean marks = type == PieceType.CONTROL && !neverInText.contains((long) id);
            boolean unmerged = type == PieceType.NORMAL && !knowsUserDefined && Double.doubleToRawLongBits(score) == 0;
            pieces.add(
                    marks || unmerged || type == PieceType.USER_DEFINED
                            ? new Piece(tokens.get(id).replace(' ', '\u2581'), 0, PieceType.USER_DEFINED)
                            : new Piece(tokens.get(id), (float) score, type));
        }
        return pieces;
    }
}
