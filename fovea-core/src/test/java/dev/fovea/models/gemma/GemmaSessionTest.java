package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fovea.generate.GenerationConfig;
import dev.fovea.generate.SamplingConfig;
import dev.fovea.image.Image;
import dev.fovea.models.gemma.GemmaSession.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Conversations with the recorded folders. */
class GemmaSessionTest {

    private static final GenerationConfig GREEDY = GenerationConfig.of(SamplingConfig.GREEDY, 12, Set.of());
    private static final Image PICTURE = new Image(20, 30, new byte[20 * 30 * 3]);

    /** The second answer on the kept cache is the answer to everything fed at once. */
    @Test
    void secondTurnGoesOnFromTheFirst() {
        try (GemmaModel model = GemmaModel.open(folder("gemma3-multimodal/two-images"), null);
                var session = new GemmaSession(model, "Be brief.");
                var fresh = new GemmaDecoding(model.gemma())) {
            Reply first = session.say("Hello", List.of(), GREEDY, _ -> true);
            Reply second = session.say("And now?", List.of(), GREEDY, _ -> true);
            int[] ids = session.ids();
            int prompt = ids.length - second.newTokens();
            assertThat(second.promptTokens()).isEqualTo(prompt - first.promptTokens() - first.newTokens() + 1);
            float[] logits = fresh.next(Arrays.copyOf(ids, prompt));
            for (int i = prompt; i < ids.length; i++) {
                assertThat(argmax(logits)).isEqualTo(ids[i]);
                logits = fresh.next(ids[i]);
            }
            assertThat(model.tokenizer().decode(ids))
                    .startsWith("<bos><start_of_turn>user\nBe brief.\n\nHello<end_of_turn>\n<start_of_turn>model\n")
                    .contains("<end_of_turn>\n<start_of_turn>user\nAnd now?<end_of_turn>\n<start_of_turn>model\n");
        }
    }

    /** A picture of a later turn is seen there, and an answer that was stopped is closed before the next turn. */
    @Test
    void picturesComeInAnyTurn() {
        try (GemmaModel model = GemmaModel.open(folder("gemma3-multimodal/two-images"), null);
                var session = new GemmaSession(model)) {
            Reply stopped = session.say("Hello", List.of(), GREEDY, _ -> false);
            assertThat(stopped.newTokens()).isEqualTo(1);
            assertThat(stopped.ended()).isFalse();
            session.say("What is shown?", List.of(PICTURE), GREEDY, _ -> true);
            assertThat(model.tokenizer().decode(session.ids()))
                    .contains("<end_of_turn>\n<start_of_turn>user\n\n\n<start_of_image>")
                    .doesNotContain("<end_of_turn><end_of_turn>");
            int imageToken = model.processor().imageToken();
            assertThat(Arrays.stream(session.ids())
                            .filter(id -> id == imageToken)
                            .count())
                    .isEqualTo(model.processor().numTokens());
        }
    }

    @Test
    void pictureForAModelOfTextIsRefused() {
        try (GemmaModel model = GemmaModel.open(folder("gemma3-text/base-12l"), null);
                var session = new GemmaSession(model)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.say("What is shown?", List.of(PICTURE), GREEDY, _ -> true))
                    .withMessage("this model takes text alone; found pictures");
        }
    }

    private static int argmax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    static Path folder(String name) {
        Path folder = Path.of(System.getProperty("fovea.fixtures", "../../shared/fixtures"), name);
        Assumptions.assumeTrue(Files.exists(folder), () -> folder + " is not there");
        return folder;
    }
}
