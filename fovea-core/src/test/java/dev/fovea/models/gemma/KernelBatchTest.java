package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several texts on the kernels are as each alone. */
class KernelBatchTest {

    private static final Params PARAMS = Params.fresh(4);
    private static final Gemma MODEL = TinyGemma.of(PARAMS, TinyGemma.WITH_PICTURES);

    @AfterAll
    static void close() {
        PARAMS.close();
    }

    private static Prompt prompt(int... ids) {
        return new Prompt(ids, List.of(), new int[0]);
    }

    /** Texts that come and go among others, in pieces short and long, are told what each is told alone, to the last bit. */
    @ParameterizedTest
    @EnumSource(WeightFormat.class)
    void textsDoNotMeet(WeightFormat format) {
        var random = new Random(5);
        try (var kernels = GemmaKernels.of(MODEL, format, 2)) {
            var batch = new KernelBatch(kernels);
            var texts = new ArrayList<KernelBatch.Text>();
            var alone = new ArrayList<KernelDecoding>();
            var prompts = new ArrayList<int[]>();
            for (int round = 0; round < 60; round++) {
                if (texts.size() < 7 && random.nextInt(3) > 0) {
                    int[] ids = TinyGemma.ids(1 + random.nextInt(100), round);
                    texts.add(batch.open(prompt(ids)));
                    alone.add(kernels.decoding());
                    prompts.add(ids);
                } else if (texts.size() > 2) {
                    int left = random.nextInt(texts.size());
                    texts.remove(left).close();
                    alone.remove(left).close();
                    prompts.remove(left);
                }
                var shares = new ArrayList<Share<KernelBatch.Text>>();
                var wanted = new ArrayList<float[]>();
                for (int i = 0; i < texts.size(); i++) {
                    if (texts.get(i).waiting() == 0) {
                        int id = 1 + random.nextInt(50);
                        texts.get(i).add(id);
                        prompts.set(i, new int[] {id});
                    }
                    int most = random.nextInt(4) == 0 ? 20 : 1 + random.nextInt(6);
                    int[] rest = prompts.get(i);
                    int size = Math.min(most, rest.length);
                    float[] logits = alone.get(i).next(Arrays.copyOf(rest, size));
                    prompts.set(i, Arrays.copyOfRange(rest, size, rest.length));
                    shares.add(new Share<>(texts.get(i), most));
                    wanted.add(size == rest.length ? logits : null);
                }
                List<float[]> found = new ArrayList<>(batch.feed(shares));
                for (int i = 0; i < wanted.size(); i++) {
                    assertThat(found.get(i)).as("round %d text %d", round, i).isEqualTo(wanted.get(i));
                }
            }
            texts.forEach(KernelBatch.Text::close);
            alone.forEach(KernelDecoding::close);
        }
    }

    @Test
    void picturesBelongToTheirText() {
        int[] ids = TinyGemma.ids(20, 6);
        Arrays.fill(ids, 4, 4 + TinyGemma.SOFT, TinyGemma.IMAGE);
        var random = new Random(2);
        var values = new float[12 * 12 * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        var shown = new Prompt(ids, List.of(new Pixels(12, 12, 3, values)), new int[] {0});
        try (var kernels = GemmaKernels.of(MODEL, WeightFormat.BF16, 2);
                var alone = kernels.decoding();
                var other = kernels.decoding();
                var _ = new Scope()) {
            var batch = new KernelBatch(kernels);
            try (var a = batch.open(shown);
                    var b = batch.open(prompt(TinyGemma.ids(5, 1)))) {
                var found = new ArrayList<float[]>(batch.feed(List.of(new Share<>(a, 3), new Share<>(b, 9))));
                assertThat(found.get(0))
                        .isEqualTo(alone.next(new int[][] {ids}, GemmaProcessor.tensor(shown.images()))[0]);
                assertThat(found.get(1)).isEqualTo(other.next(TinyGemma.ids(5, 1)));
                a.add(7);
                b.add(8);
                found = new ArrayList<>(batch.feed(List.of(new Share<>(a, 1), new Share<>(b, 1))));
                assertThat(found.get(0)).isEqualTo(alone.next(7));
                assertThat(found.get(1)).isEqualTo(other.next(8));
            }
        }
    }

    /** Greedy and drawn answers of many requests are the tokens that each gets alone. */
    @Test
    void answersAreThoseOfTheModelAlone() throws InterruptedException {
        try (var kernels = GemmaKernels.of(MODEL, WeightFormat.INT8, 2);
                var batch = new ContinuousBatch<>(
                        new KernelBatch(kernels), new ByteTokenizer(), new Limits(3, 200, 20, 4))) {
            var answers = new ArrayList<Answering>();
            for (int i = 0; i < 8; i++) {
                answers.add(batch.submit(Request.of(prompt(TinyGemma.ids(1 + 2 * i, i)), config(i))));
            }
            for (int i = 0; i < 8; i++) {
                try (var decoding = kernels.decoding()) {
                    int[][] ids = {TinyGemma.ids(1 + 2 * i, i)};
                    var wanted = Generator.run(decoding, decoding.next(ids), ids, config(i), Generator.Listener.NONE)
                            .getFirst();
                    assertThat(answers.get(i).await().tokens().stream()
                                    .mapToInt(Token::id)
                                    .toArray())
                            .as("request %d", i)
                            .containsExactly(wanted.ids());
                }
            }
        }
    }

    private static GenerationConfig config(int i) {
        return GenerationConfig.of(
                i % 2 == 0 ? SamplingConfig.GREEDY : SamplingConfig.GEMMA3.withSeed(i), 12 + i, Set.of(0));
    }

    @Test
    void wrongPromptsAreNamed() {
        try (var kernels = GemmaKernels.of(MODEL, WeightFormat.BF16, 1)) {
            var batch = new KernelBatch(kernels);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> batch.open(prompt(1, 60)))
                    .withMessage("token 60: the vocabulary has 60");
        }
    }
}
