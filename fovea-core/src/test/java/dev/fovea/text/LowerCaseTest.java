package dev.fovea.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LowerCaseTest {

    /** What Python's {@code str.lower} gives. */
    @Test
    void sigmaIsFinalWhereNoCasedCharacterFollows() {
        assertThat(LowerCase.of("ΟΔΟΣ")).isEqualTo("οδος");
        assertThat(LowerCase.of("ΟΔΟΣ ΣΟΦΙΑΣ")).isEqualTo("οδος σοφιας");
        assertThat(LowerCase.of("Σ")).isEqualTo("σ");
        assertThat(LowerCase.of("ΑΣ1")).isEqualTo("ας1");
        assertThat(LowerCase.of("ΑΣ.Α")).isEqualTo("ασ.α");
        assertThat(LowerCase.of("ΑΣ-Α")).isEqualTo("ας-α");
        assertThat(LowerCase.of("1Σ")).isEqualTo("1σ");
    }

    @Test
    void dottedCapitalIKeepsItsDot() {
        assertThat(LowerCase.of("İ")).isEqualTo("i\u0307");
    }
}
