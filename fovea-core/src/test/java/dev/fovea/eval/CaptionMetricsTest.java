package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.eval.CaptionMetrics.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

class CaptionMetricsTest {

    private static final List<Row> PERFECT = List.of(
            new Row("a cat on a red mat", List.of("a cat on a red mat")),
            new Row("two dogs run in snow", List.of("two dogs run in snow")));

    @Test
    void wordForWordIsPerfect() {
        for (CaptionMetrics.Scores bleu : CaptionMetrics.bleu(PERFECT, 4)) {
            assertThat(bleu.corpus()).isCloseTo(1, within(1e-8));
        }
        assertThat(CaptionMetrics.rouge(PERFECT, 1.2).corpus()).isCloseTo(1, within(1e-12));
        assertThat(CaptionMetrics.cider(PERFECT, 4, 6).corpus()).isCloseTo(10, within(1e-12));
    }

    @Test
    void orderOfReferencesDoesNotMatter() {
        var one = List.of(new Row("a b c", List.of("a b", "c b a d")), PERFECT.getFirst());
        var other = List.of(new Row("a b c", List.of("c b a d", "a b")), PERFECT.getFirst());
        assertThat(CaptionMetrics.bleu(one, 4)[1].perImage())
                .containsExactly(CaptionMetrics.bleu(other, 4)[1].perImage());
        assertThat(CaptionMetrics.cider(one, 4, 6).corpus())
                .isCloseTo(CaptionMetrics.cider(other, 4, 6).corpus(), within(1e-12));
    }

    @Test
    void rowWithoutReferenceIsNamed() {
        assertThatThrownBy(() -> new Row("a cat", List.of())).hasMessage("caption \"a cat\" has no reference");
    }
}
