package dev.fovea.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteTokenizerTest {

    private final ByteTokenizer tokenizer = new ByteTokenizer();

    @ParameterizedTest
    @ValueSource(strings = {"", "a red circle", "größer", "犬", "🦊 \u0000 end"})
    void decodingUndoesEncoding(String text) {
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }

    @Test
    void padsAndCutsToALength() {
        assertThat(tokenizer.encode("ab", 5)).containsExactly('a' + 2, 'b' + 2, 1, 0, 0);
        assertThat(tokenizer.encode("abc", 3)).containsExactly('a' + 2, 'b' + 2, 1);
        assertThat(tokenizer.decode(tokenizer.encode("ab", 5))).isEqualTo("ab");
    }

    @Test
    void refusesWhatIsNoId() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokenizer.decode(258))
                .withMessageContaining("258");
        assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.encode("a", 0));
    }
}
