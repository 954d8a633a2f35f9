package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.generate.Answering;
import dev.fovea.generate.Answering.Token;
import dev.fovea.generate.ContinuousBatch;
import dev.fovea.generate.ContinuousBatch.Limits;
import dev.fovea.generate.ContinuousBatch.Request;
import dev.fovea.generate.GenerationConfig;
import dev.fovea.generate.Generator;
import dev.fovea.generate.SamplingConfig;
import dev.fovea.generate.TextBatch.Share;
import dev.fovea.image.Pixels;
import dev.fovea.models.gemma.GemmaProcessor.Prompt;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import dev.fovea.text.ByteTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Several texts in one pass are as each alone. */
class GemmaBatchTest {

    private static final Params PARAMS = Params.fresh(3);
    private static final Gemma MODEL = TinyGemma.of(PARAMS, TinyGemma.WITH_PICTURES);
    private static final float NEAR = 2e-4f;

    @AfterAll
    static void close() {
        PARAMS.close();
    }

    /** Logits of a text that others join and leave are those of the text alone, past twice the window. */
    @Test
    void textsDoNotMeet() {
        int[] first = TinyGemma.ids(14, 3);
        int[] second = TinyGemma.ids(9, 5);
        var batch = new GemmaBatch(MODEL);
        try (GemmaText a = batch.open(prompt(first));
                GemmaText b = batch.open(prompt(second));
                var alone = new GemmaDecoding(MODEL);
                var other = new GemmaDecoding(MODEL)) {
            assertThat(batch.feed(List.of(new Share<>(a, 6))).getFirst()).isNull();
            List<float[]> both = new ArrayList<>(batch.feed(List.of(new Share<>(b, 9), new Share<>(a, 8))));
            assertThat(both.get(0)).containsExactly(other.next(second), within(NEAR));
            assertThat(both.get(1)).containsExactly(alone.next(first), within(NEAR));
            for (int i = 0; i < 12; i++) {
                a.add(7 + i);
                b.add(30 - i);
                both = new ArrayList<>(batch.feed(List.of(new Share<>(a, 1), new Share<>(b, 1))));
                assertThat(both.get(0)).containsExactly(alone.next(7 + i), within(NEAR));
                assertThat(both.get(1)).containsExactly(other.next(30 - i), within(NEAR));
            }
        }
    }

    /** A picture is seen by its own text, and not cut by a chunk. */
    @Test
    void picturesBelongToTheirText() {
        Prompt shown = picture(1);
        int[] words = TinyGemma.ids(8, 5);
        var batch = new GemmaBatch(MODEL);
        for (int chunk : new int[] {3, 6, 50}) {
            try (GemmaText a = batch.open(shown);
                    GemmaText b = batch.open(prompt(words));
                    var alone = new GemmaDecoding(MODEL);
                    var other = new GemmaDecoding(MODEL);
                    var _ = new Scope()) {
                var found = new ArrayList<float @Nullable []>(
                        batch.feed(List.of(new Share<>(a, chunk), new Share<>(b, 8))));
                assertThat(found.get(1)).containsExactly(other.next(words), within(NEAR));
                while (a.waiting() > 0) {
                    found.set(0, batch.feed(List.of(new Share<>(a, chunk))).getFirst());
                }
                float[] expected = alone.next(new int[][] {shown.ids()}, GemmaProcessor.tensor(shown.images()))[0];
                assertThat(found.getFirst()).as("chunk %d", chunk).containsExactly(expected, within(NEAR));
                a.add(4);
                assertThat(batch.feed(List.of(new Share<>(a, 1))).getFirst())
                        .as("chunk %d", chunk)
                        .containsExactly(alone.next(4), within(NEAR));
            }
        }
    }

    /** Greedy and drawn answers of many requests are the tokens that each gets alone. */
    @Test
    void answersAreThoseOfTheModelAlone() throws InterruptedException {
        try (var batch = new ContinuousBatch<>(new GemmaBatch(MODEL), new ByteTokenizer(), new Limits(3, 200, 20, 4))) {
            var answers = new ArrayList<Answering>();
            for (int i = 0; i < 8; i++) {
                answers.add(
                        batch.submit(Request.of(i == 5 ? picture(i) : prompt(TinyGemma.ids(3 + 4 * i, i)), config(i))));
            }
            for (int i = 0; i < 8; i++) {
                Prompt prompt = i == 5 ? picture(i) : prompt(TinyGemma.ids(3 + 4 * i, i));
                assertThat(answers.get(i).await().tokens().stream().map(Token::id))
                        .as("request %d", i)
                        .containsExactlyElementsOf(alone(prompt, config(i)));
            }
        }
    }

    @Test
    void wrongPromptsAreNamed() {
        var batch = new GemmaBatch(MODEL);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.ids(prompt(1, 60)))
                .withMessage("token 60: the vocabulary has 60");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.ids(new Prompt(new int[] {1}, picture(1).images(), new int[] {0})))
                .withMessage("1 pictures take 9 placeholders, 9 each; the ids have 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.ids(prompt()))
                .withMessage("the prompt has no tokens");
    }

    private static GenerationConfig config(int i) {
        return GenerationConfig.of(
                i % 2 == 0 ? SamplingConfig.GREEDY : SamplingConfig.GEMMA3.withSeed(i), 12 + i, Set.of(0));
    }

    private static List<Integer> alone(Prompt prompt, GenerationConfig c) {
        try (var decoding = new GemmaDecoding(MODEL);
                var _ = new Scope()) {
            int[][] ids = {prompt.ids()};
            float[][] logits = prompt.images().isEmpty()
                    ? decoding.next(ids)
                    : decoding.next(ids, GemmaProcessor.tensor(prompt.images()));
            return Arrays.stream(Generator.run(decoding, logits, ids, c, Generator.Listener.NONE)
                            .getFirst()
                            .ids())
                    .boxed()
                    .toList();
        }
    }

    private static Prompt prompt(int... ids) {
        return new Prompt(ids, List.of(), new int[0]);
    }

    private static Prompt picture(int seed) {
        var values = new float[12 * 12 * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(seed + i);
        }
        int[] soft =
                IntStream.generate(() -> TinyGemma.IMAGE).limit(TinyGemma.SOFT).toArray();
        int[] ids = Stream.of(TinyGemma.ids(4, 3), soft, TinyGemma.ids(6, 5))
                .flatMapToInt(Arrays::stream)
                .toArray();
        return new Prompt(ids, List.of(new Pixels(12, 12, 3, values)), new int[] {0});
    }
}
