package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerMetricsTest {

    @Test
    void fourOfTenPeopleGiveTheFullVqaScore() {
        List<String> four = List.of("2", "2", "2", "2", "3", "4", "5", "6", "7", "8");
        assertThat(VqaAnswer.score("two", four)).isEqualTo(1);
        List<String> three = List.of("2", "2", "2", "9", "3", "4", "5", "6", "7", "8");
        assertThat(VqaAnswer.score("two", three)).isCloseTo((3 * 2.0 / 3 + 7) / 10, within(1e-12));
    }

    @Test
    void agreementOfAllLeavesTextsAsTheyAre() {
        assertThat(VqaAnswer.score("The cat", List.of("cat", "cat"))).isZero();
        assertThat(VqaAnswer.score("The cat", List.of("cat", "dog"))).isPositive();
    }

    @Test
    void apostropheLeftOutIsPutBack() {
        assertThat(VqaAnswer.normalized("I couldnt've")).isEqualTo("i couldn't've");
        assertThat(VqaAnswer.normalized("shed")).isEqualTo("shed");
    }

    @Test
    void similarityCountsCharactersNotUnits() {
        assertThat(AnswerMetrics.anls("\ud83c\udf4aab", "ab")).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(AnswerMetrics.anls("ab", "ac")).isZero();
    }

    @Test
    void numbersMayBeOffByFivePercentOnly() {
        assertThat(AnswerMetrics.relaxed("1e2", "105")).isTrue();
        assertThat(AnswerMetrics.relaxed("100", "105.1")).isFalse();
        assertThat(AnswerMetrics.relaxed("0", "0.0")).isFalse();
        assertThat(AnswerMetrics.relaxed("nan", "nan")).isFalse();
        assertThat(AnswerMetrics.relaxed("1_000", "1000")).isTrue();
        assertThat(AnswerMetrics.relaxed("1f", "1")).isFalse();
    }
}
