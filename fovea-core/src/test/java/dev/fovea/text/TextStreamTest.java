package dev.fovea.text;

import static dev.fovea.text.Models.normal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.text.SentencePieceModel.Algorithm;
import dev.fovea.text.SentencePieceModel.Normalization;
import dev.fovea.text.SentencePieceModel.Piece;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class TextStreamTest {

    private static SentencePiece vocabulary(boolean dummyPrefix) {
        var pieces = new ArrayList<Piece>();
        for (int b = 0; b < 256; b++) {
            pieces.add(new Piece("<0x%02X>".formatted(b), 0, PieceType.BYTE));
        }
        for (String text : List.of("\u2581", "\u2581a", "b", "\u00e9", "\u2581\u2581c", "\ud83d\ude42", "\ufffd")) {
            pieces.add(normal(text, -1));
        }
        return SentencePiece.of(
                Models.of(Algorithm.BPE, true, new Normalization(new byte[0], dummyPrefix, false, true), pieces),
                "test");
    }

    private static List<String> stream(Tokenizer tokenizer, int... ids) {
        var stream = new TextStream(tokenizer);
        var pieces = new ArrayList<String>();
        for (int id : ids) {
            pieces.add(stream.add(id));
        }
        pieces.add(stream.finish());
        return pieces;
    }

    @Test
    void bytesOfACharacterComeTogether() {
        assertThat(stream(vocabulary(false), 3 + 0xE2, 3 + 0x82, 3 + 0xAC)).containsExactly("", "", "\u20ac", "");
    }

    @Test
    void brokenBytesComeOnceNothingCanCompleteThem() {
        SentencePiece t = vocabulary(false);
        assertThat(stream(t, 3 + 0xE2, t.id("b"))).containsExactly("", "\ufffdb", "");
        assertThat(stream(t, t.id("b"), 3 + 0xE2)).containsExactly("b", "", "\ufffd");
    }

    @Test
    void piecesPutTogetherAreTheWholeText() {
        var random = new Random(5);
        for (boolean dummyPrefix : new boolean[] {true, false}) {
            SentencePiece t = vocabulary(dummyPrefix);
            for (int round = 0; round < 400; round++) {
                int[] ids = new int[random.nextInt(60)];
                boolean oftenBytes = random.nextBoolean();
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = oftenBytes && random.nextInt(3) > 0
                            ? 3 + new int[] {0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x99, 0x82, 0x41, 0xC3}[random.nextInt(9)]
                            : random.nextInt(t.vocabSize());
                }
                List<String> pieces = stream(t, ids);
                assertThat(String.join("", pieces)).isEqualTo(t.decode(ids));
                assertThat(pieces.subList(0, ids.length)).allSatisfy(piece -> assertThat(piece)
                        .satisfiesAnyOf(p -> assertThat(p).isEmpty(), p -> assertThat(
                                        Character.isHighSurrogate(p.charAt(p.length() - 1)))
                                .isFalse()));
            }
        }
    }

    @Test
    void recordedTextsComeWholeFromTheConvertedTokenizer() throws IOException {
        for (Path json : RecordedTokenizers.json()) {
            try (var tokenizer = HuggingFaceTokenizer.read(json)) {
                for (String row : Files.readAllLines(json.resolveSibling("strings.jsonl"))) {
                    int[] ids = tokenizer.encode(
                            JsonMapper.shared().readTree(row).path("text").asString());
                    assertThat(String.join("", stream(tokenizer, ids))).isEqualTo(tokenizer.decode(ids));
                }
            }
        }
    }

    @Test
    void textEndsBeforeTheFirstStopString() {
        var stop = new StopStrings(List.of("END", "NDx"));
        assertThat(stop.add("a E")).isEqualTo("a ");
        assertThat(stop.add("N")).isEmpty();
        assertThat(stop.add("C EN")).isEqualTo("ENC ");
        assertThat(stop.add("Dx b")).isEmpty();
        assertThat(stop.found()).isTrue();
        assertThat(stop.finish()).isEmpty();
    }

    @Test
    void textWithoutStopStringsPassesWhole() {
        var random = new Random(9);
        for (int round = 0; round < 300; round++) {
            var stop = new StopStrings(List.of("aab", "bb"));
            var text = new StringBuilder();
            var out = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                String piece = "ab".repeat(random.nextInt(2)) + "abc".charAt(random.nextInt(3));
                text.append(piece);
                out.append(stop.add(piece));
            }
            out.append(stop.finish());
            String whole = text.toString();
            int first = IntStream.of(whole.indexOf("aab"), whole.indexOf("bb"))
                    .filter(at -> at >= 0)
                    .min()
                    .orElse(whole.length());
            assertThat(out.toString()).isEqualTo(whole.substring(0, first));
        }
    }
}
