package dev.fovea.text;

import static dev.fovea.text.Models.normal;
import static dev.fovea.text.Models.userDefined;
import static dev.fovea.text.SentencePieceModel.Algorithm.BPE;
import static dev.fovea.text.SentencePieceModel.Algorithm.UNIGRAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.text.SentencePieceModel.Normalization;
import dev.fovea.text.SentencePieceModel.Piece;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SentencePieceTest {

    @Test
    void unigramTakesTheMostProbableCut() {
        var t = tokenizer(Models.of(UNIGRAM, normal("a", -1), normal("b", -1), normal("ab", -1.5), normal("abc", -9)));
        assertThat(pieces(t, "abab")).containsExactly("ab", "ab");
    }

    @Test
    void bpeJoinsTheBestPairFirstThenTheLeftmost() {
        var t = tokenizer(
                Models.of(BPE, normal("a", -3), normal("b", -3), normal("c", -3), normal("bc", -1), normal("ab", -2)));
        assertThat(pieces(t, "abc")).containsExactly("a", "bc");
        var equal = tokenizer(Models.of(BPE, normal("a", -3), normal("aa", -1)));
        assertThat(pieces(equal, "aaa")).containsExactly("aa", "a");
    }

    @Test
    void runOfUnknownCharactersIsOneId() {
        var t = tokenizer(Models.of(UNIGRAM, normal("a", -1)));
        assertThat(t.encode("aéüa")).containsExactly(3, 0, 3);
    }

    @Test
    void byteFallbackSpellsWhatNoPieceCovers() {
        var t = tokenizer(Models.withBytes(BPE, normal("a", -1)));
        assertThat(pieces(t, "a\u20ac")).containsExactly("a", "<0xE2>", "<0x82>", "<0xAC>");
    }

    @Test
    void decodingGoesOnAfterNul() {
        var t = tokenizer(Models.withBytes(BPE, normal("a", -1), normal("b", -1)));
        assertThat(t.decode(t.encode("a\u0000b"))).isEqualTo("a\u0000b");
    }

    @Test
    void eachByteOfABrokenRunBecomesAReplacementCharacter() {
        var t = tokenizer(Models.withBytes(BPE, normal("a", -1)));
        int[] euroWithoutItsEnd = {3 + 0xE2, 3 + 0x82, t.id("a")};
        assertThat(t.decode(euroWithoutItsEnd)).isEqualTo("\ufffd\ufffda");
    }

    @Test
    void userDefinedPieceIsTakenBeforeAllElse() {
        for (var algorithm : SentencePieceModel.Algorithm.values()) {
            var t = tokenizer(Models.of(
                    algorithm,
                    normal("<", -1),
                    normal("x", -1),
                    normal(">", -1),
                    normal("a<", 5),
                    normal("a", -1),
                    userDefined("<x>")));
            assertThat(pieces(t, "a<x>a")).as("%s", algorithm).containsExactly("a", "<x>", "a");
        }
    }

    @Test
    void userDefinedPieceJoinsNothing() {
        var t = tokenizer(Models.of(BPE, normal("a", -1), normal("a<x>", 9), userDefined("<x>")));
        assertThat(pieces(t, "a<x>")).containsExactly("a", "<x>");
    }

    @Test
    void blankAtTheStartIsKeptWhereNoneWasAdded() {
        var t = tokenizer(Models.of(UNIGRAM, normal("\u2581", -2), normal("a", -1)));
        assertThat(t.decode(t.encode(" a"))).isEqualTo(" a");
    }

    @Test
    void unusedPieceIsWrittenAsItsParts() {
        var t = tokenizer(Models.of(
                BPE, normal("a", -3), normal("b", -3), new Piece("ab", -1, PieceType.UNUSED), normal("abb", -2)));
        assertThat(pieces(t, "ab")).containsExactly("a", "b");
        assertThat(pieces(t, "abb")).containsExactly("abb");
    }

    @Test
    void controlPieceWrittenInTheTextIsSpelled() {
        var t = tokenizer(Models.withBytes(BPE, normal("s", -1)));
        assertThat(t.encode("<s>")).doesNotContain(t.id("<s>"));
    }

    @Test
    void surrogateWithoutPartnerCountsAsReplacementCharacter() {
        var t = tokenizer(Models.withBytes(BPE, normal("a", -1)));
        assertThat(t.encode("a\ud83d")).isEqualTo(t.encode("a\ufffd"));
    }

    @Test
    void extraBlanksAreCollapsedWhereTheModelSaysSo() {
        var collapsing = new Normalization(new byte[0], true, true, true);
        var t = tokenizer(Models.of(UNIGRAM, false, collapsing, List.of(normal("\u2581", -2), normal("\u2581a", -1))));
        assertThat(pieces(t, "  a   a  ")).containsExactly("\u2581a", "\u2581a");
        assertThat(t.decode(t.encode("  a   a  "))).isEqualTo("a a");
    }

    @Test
    void dummyPrefixIsDroppedOnceInDecoding() {
        var keeping = new Normalization(new byte[0], true, false, true);
        var t = tokenizer(Models.of(UNIGRAM, false, keeping, List.of(normal("\u2581", -2), normal("a", -1))));
        assertThat(t.decode(t.encode("  a"))).isEqualTo("  a");
    }

    /** With a piece for every byte nothing is lost, whatever the text. */
    @Test
    void decodingUndoesEncoding() {
        var t = tokenizer(Models.withBytes(BPE, normal("a", -1), normal("ab", -2), normal("\u2581", -3)));
        var random = new Random(5);
        for (int i = 0; i < 300; i++) {
            int[] points = random.ints(random.nextInt(40), 0, 0x3000).toArray();
            String text = new String(points, 0, points.length).replace("\u2581", "-");
            assertThat(t.decode(t.encode(text))).isEqualTo(text);
        }
    }

    @Test
    void idOutsideTheVocabularyIsRefused() {
        var t = tokenizer(Models.of(UNIGRAM, normal("a", -1)));
        assertThatThrownBy(() -> t.decode(4)).hasMessage("id 4, the vocabulary has 4");
    }

    @Test
    void modelFileSaysTheSameAsItsRecord() {
        SentencePieceModel model = Models.withBytes(BPE, normal("a", -1), userDefined("<x>"));
        byte[] file = ModelBytes.concat(List.of(ModelBytes.unknownFields(), ModelBytes.of(model)));
        SentencePieceModel read = SentencePieceModel.parse(file, "test.model");
        assertThat(read.pieces()).isEqualTo(model.pieces());
        assertThat(read.segmentation()).isEqualTo(model.segmentation());
    }

    @Test
    void vocabularyThatContradictsItselfIsNamed() {
        assertThatThrownBy(() -> tokenizer(Models.of(UNIGRAM, normal("a", -1), normal("a", -2))))
                .hasMessage("test.model: not a SentencePiece model: pieces 3 and 4 are both a");
        assertThatThrownBy(() -> tokenizer(Models.of(UNIGRAM, new Piece("<0x41>", 0, PieceType.BYTE))))
                .hasMessage("test.model: not a SentencePiece model: byte piece 3, and byte fallback is off");
    }

    private static SentencePiece tokenizer(SentencePieceModel model) {
        return SentencePiece.of(model, "test.model");
    }

    private static List<String> pieces(SentencePiece t, String text) {
        return Arrays.stream(t.encode(text)).mapToObj(id -> t.piece(id).text()).toList();
    }
}
