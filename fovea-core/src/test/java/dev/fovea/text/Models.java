package dev.fovea.text;

import dev.fovea.text.SentencePieceModel.Algorithm;
import dev.fovea.text.SentencePieceModel.Normalization;
import dev.fovea.text.SentencePieceModel.Piece;
import dev.fovea.text.SentencePieceModel.Segmentation;
import java.util.ArrayList;
import java.util.List;

/** Small vocabularies for tests. */
final class Models {

    private Models() {}

    static Piece normal(String text, double score) {
        return new Piece(text, (float) score, PieceType.NORMAL);
    }

    static Piece userDefined(String text) {
        return new Piece(text, 0, PieceType.USER_DEFINED);
    }

    /** {@code <unk> <s> </s>}, then the given pieces; no rewriting, no dummy prefix, blanks kept. */
    static SentencePieceModel of(Algorithm algorithm, Piece... pieces) {
        return of(algorithm, false, new Normalization(new byte[0], false, false, true), List.of(pieces));
    }

    /** The same with a piece for every byte. */
    static SentencePieceModel withBytes(Algorithm algorithm, Piece... pieces) {
        var all = new ArrayList<Piece>();
        for (int b = 0; b < 256; b++) {
            all.add(new Piece("<0x%02X>".formatted(b), 0, PieceType.BYTE));
        }
        all.addAll(List.of(pieces));
        return of(algorithm, true, new Normalization(new byte[0], false, false, true), all);
    }

    static SentencePieceModel of(
            Algorithm algorithm, boolean byteFallback, Normalization normalization, List<Piece> pieces) {
        var all = new ArrayList<>(List.of(
                new Piece("<unk>", 0, PieceType.UNKNOWN),
                new Piece("<s>", 0, PieceType.CONTROL),
                new Piece("</s>", 0, PieceType.CONTROL)));
        all.addAll(pieces);
        return new SentencePieceModel(
                all, new Segmentation(algorithm, byteFallback, false, " \u2047 "), normalization, new byte[0]);
    }
}
