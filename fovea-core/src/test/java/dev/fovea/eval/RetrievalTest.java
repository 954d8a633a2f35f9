package dev.fovea.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RetrievalTest {

    private static final Features AXES = new Features(3, new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1});

    @Test
    void anyOfTheCaptionsOfAnImageIsRight() {
        var texts = new Features(3, new float[] {0, 0, 2, 3, 0, 0, 0, 5, 0, 0, 0, 1});
        var result = new Retrieval(AXES, texts, new int[] {0, 0, 1, 2}).evaluate();
        assertThat(result).containsEntry("imageToText@1", 2.0 / 3); // image 2's first is the caption of image 0
        assertThat(result).containsEntry("textToImage@1", 0.75);
        assertThat(result).containsEntry("imageToText@5", 1.0);
    }

    @Test
    void amongEqualCosinesTheEarlierAnswerComesFirst() {
        var same = new Features(3, new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1});
        var result = new Retrieval(same, same, new int[] {0, 1, 2}, List.of(1, 2, 3)).evaluate();
        assertThat(result.values()).containsExactly(1.0 / 3, 2.0 / 3, 1.0, 1.0 / 3, 2.0 / 3, 1.0);
    }

    @Test
    void imageWithoutCaptionsIsNoQuery() {
        var texts = new Features(3, new float[] {1, 0, 0});
        var result = new Retrieval(AXES, texts, new int[] {0}).evaluate();
        assertThat(result).containsEntry("imageToText@1", 1.0);
    }

    @Test
    void captionOfNoImageIsNamed() {
        assertThatThrownBy(() -> new Retrieval(AXES, AXES, new int[] {0, 1, 3}))
                .hasMessage("a caption of image 3, there are 3 images");
    }
}
