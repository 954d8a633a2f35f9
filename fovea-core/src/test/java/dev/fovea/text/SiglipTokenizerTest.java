package dev.fovea.text;

import static dev.fovea.text.Models.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.text.SentencePieceModel.Algorithm;
import dev.fovea.text.SentencePieceModel.Normalization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiglipTokenizerTest {

    private static final int UNK = 0;
    private static final int EOS = 2;
    private static final int A = 8;
    private static final int BLANK_A = 9;

    @TempDir
    Path folder;

    @Test
    void caseAndPunctuationAreDroppedAndTheEndIsMarked() throws IOException {
        assertThat(tokenizer(64).encode("A!a,  A.")).containsExactly(BLANK_A, A, BLANK_A, EOS);
    }

    @Test
    void emptyTextIsTheEndAlone() throws IOException {
        assertThat(tokenizer(64).encode(" \n")).containsExactly(EOS);
    }

    @Test
    void longTextIsCutAndStillEnds() throws IOException {
        assertThat(tokenizer(3).encode("a a a a")).containsExactly(BLANK_A, BLANK_A, EOS);
    }

    @Test
    void paddingRepeatsThePadToken() throws IOException {
        assertThat(tokenizer(64).encode("a", 4)).containsExactly(BLANK_A, EOS, EOS, EOS);
        assertThat(tokenizer(64).encode("a a a a", 3)).containsExactly(BLANK_A, BLANK_A, EOS);
    }

    @Test
    void specialTokenInTheTextIsTheTokenAndNoSecondEndFollows() throws IOException {
        assertThat(tokenizer(64).encode("a<unk>a")).containsExactly(BLANK_A, UNK, A, EOS);
        assertThat(tokenizer(64).encode("a</s>")).containsExactly(BLANK_A, EOS);
    }

    @Test
    void configWithoutEndTokenIsNamed() throws IOException {
        Path file = folder.resolve("tokenizer_config.json");
        Files.writeString(file, "{\"pad_token\": \"</s>\", \"unk_token\": \"<unk>\"}");
        assertThatThrownBy(() -> TokenizerConfig.read(file)).hasMessage(file + ": no eos_token");
    }

    @Test
    void configThatIsNoJsonIsNamed() throws IOException {
        Path file = folder.resolve("tokenizer_config.json");
        Files.writeString(file, "{");
        assertThatThrownBy(() -> TokenizerConfig.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": ");
    }

    private SiglipTokenizer tokenizer(int maxLength) throws IOException {
        var collapsing = new Normalization(new byte[0], true, true, true);
        SentencePieceModel model = Models.of(
                Algorithm.UNIGRAM,
                false,
                collapsing,
                List.of(
                        normal("<", -9),
                        normal("u", -9),
                        normal("n", -9),
                        normal("k>", -9),
                        normal("\u2581", -9),
                        normal("a", -5),
                        normal("\u2581a", -4)));
        Path file = folder.resolve("tokenizer_config.json");
        Files.writeString(file, """
                {"eos_token": {"content": "</s>"}, "pad_token": "</s>", "unk_token": "<unk>",
                 "model_max_length": %d, "tokenizer_class": "SiglipTokenizer",
                 "added_tokens_decoder": {"2": {"content": "</s>"}, "0": {"content": "<unk>"}}}
                """.formatted(maxLength));
        return new SiglipTokenizer(model, TokenizerConfig.read(file));
    }
}
