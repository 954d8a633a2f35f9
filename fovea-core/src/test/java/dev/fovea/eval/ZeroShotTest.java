package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ZeroShotTest {

    @Test
    void namesLosePunctuationCaseAndUnderscores() {
        assertThat(ZeroShot.canonical("  Golden_Retriever's  (dog)!", "")).isEqualTo("golden retrievers dog");
    }

    @Test
    void slotIsKeptWhereItStandsExactlySo() {
        assertThat(ZeroShot.canonical("A photo: {of} a {}.", "{}")).isEqualTo("a photo of a {}");
        assertThat(ZeroShot.canonical("{}, a {}", "{}")).isEqualTo("{} a {}");
    }

    @Test
    void everyAliasIsPutIntoEveryTemplate() {
        assertThat(ZeroShot.prompts("cat,House_Cat", List.of("{}", "a {}.")))
                .containsExactly("cat", "a cat", "house cat", "a house cat");
    }

    @Test
    void classIsTheMeanOfItsNormalisedPrompts() {
        var classifier = ZeroShot.of(List.of("x", "y"), List.of("{}", "long {}"), texts -> {
            var rows = new ArrayList<float[]>();
            for (String text : texts) {
                float scale = text.startsWith("long") ? 100 : 1;
                rows.add(
                        text.endsWith("y")
                                ? new float[] {0, scale}
                                : new float[] {scale, text.length() == 1 ? scale : 0});
            }
            return rows.toArray(float[][]::new);
        });
        float[] x = classifier.classes().select(0).values();
        // (1, 1)/√2 and (1, 0): the mean lies at 22.5 degrees, however long the second was
        assertThat(Math.atan2(x[1], x[0])).isCloseTo(Math.PI / 8, within(1e-6));
        var metrics = new ClassificationMetrics(2);
        metrics.add(classifier.logits(new Features(2, new float[] {9, 1, 1, 9})), new int[] {0, 1});
        assertThat(metrics.top1()).isEqualTo(1);
    }

    @Test
    void templateWithoutSlotIsNamed() {
        assertThatThrownBy(() -> ZeroShot.prompts("cat", List.of("a photo")))
                .hasMessage("template \"a photo\" has no {}");
    }
}
