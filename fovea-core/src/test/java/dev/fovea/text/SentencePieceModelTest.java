package dev.fovea.text;

import static dev.fovea.text.Models.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.text.SentencePieceModel.Algorithm;
import dev.fovea.text.SentencePieceModel.Normalization;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A broken {@code .model} file gives one clear line or a tokenizer that works; nothing else. */
class SentencePieceModelTest {

    private static final String TEXT = "a\u0000 \u00e9\u20ac\ud83c\udf4a<x>ab \u2581 Ab";

    @Test
    void everyTruncationIsSurvived() {
        byte[] file = sample();
        for (int length = 0; length < file.length; length++) {
            use(Arrays.copyOf(file, length));
        }
    }

    @Test
    void changedBytesAreSurvived() {
        var random = new Random(3);
        byte[] sound = sample();
        for (int i = 0; i < 3000; i++) {
            byte[] file = sound.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                file[random.nextInt(file.length)] = (byte) random.nextInt();
            }
            use(file);
        }
    }

    @Test
    void lengthBeyondTheFileIsNamed() {
        byte[] file = {0x0A, (byte) 0xFF, (byte) 0xFF, 0x7F, 1, 2};
        assertThatThrownBy(() -> SentencePieceModel.parse(file, "x.model"))
                .hasMessage("x.model: not a SentencePiece model: field 1 wants 2097151 bytes, 2 are left at byte 4");
    }

    @Test
    void emptyFileIsNamed() {
        assertThatThrownBy(() -> SentencePiece.of(SentencePieceModel.parse(new byte[0], "x.model"), "x.model"))
                .hasMessage("x.model: not a SentencePiece model: no piece of type UNKNOWN among 0");
    }

    @Test
    void missingFileIsNamed() {
        assertThatThrownBy(() -> SentencePiece.read(Path.of("no", "such.model")))
                .hasMessageContaining(Path.of("no", "such.model").toString());
    }

    static void use(byte[] file) {
        SentencePiece t;
        try {
            t = SentencePiece.of(SentencePieceModel.parse(file, "x.model"), "x.model");
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).startsWith("x.model: not a SentencePiece model: ");
            return;
        }
        String unused = t.decode(t.encode(TEXT));
        assertThat(unused).isNotNull();
    }

    /** A model with a rewriting rule, "A" to "ab", in the double-array layout. */
    static byte[] sample() {
        return ModelBytes.of(Models.of(
                Algorithm.UNIGRAM,
                false,
                new Normalization(charsmap(), true, true, true),
                List.of(normal("a", -1), normal("ab", -2), normal("\u2581", -3), Models.userDefined("<x>"))));
    }

    static byte[] charsmap() {
        int[] units = new int[512];
        Arrays.fill(units, 0xFF); // a label that no text has
        units[0] = 256 << 10; // the root's children begin at 256
        units[256 ^ 'A'] = 'A' | 1 << 8 | ('A' ^ 0) << 10;
        units[256 ^ 'A' ^ 'A'] = 1 << 31; // the leaf: replacement at byte 0
        ByteBuffer blob = ByteBuffer.allocate(4 + units.length * 4 + 3).order(ByteOrder.LITTLE_ENDIAN);
        blob.putInt(units.length * 4);
        for (int unit : units) {
            blob.putInt(unit);
        }
        return blob.put(new byte[] {'a', 'b', 0}).array();
    }
}
