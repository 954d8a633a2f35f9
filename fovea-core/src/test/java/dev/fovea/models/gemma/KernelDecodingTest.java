package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.generate.Draft;
import dev.fovea.generate.GenerationConfig;
import dev.fovea.generate.SamplingConfig;
import dev.fovea.generate.Speculation;
import dev.fovea.kernel.KvRows;
import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelDecodingTest {

    private static final int VOCAB = 211;
    private static final int WINDOW = 6;

    private static Params params;
    private static Gemma model;

    @BeforeAll
    static void build() {
        var text = new DecoderConfig(
                VOCAB,
                48,
                80,
                4,
                1,
                32,
                40,
                1e-6,
                WINDOW,
                DecoderConfig.pattern(7, 3),
                new Rotation(1e4, 1),
                new Rotation(1e6, 8),
                null,
                true,
                false,
                512);
        var config = new GemmaConfig(text, null);
        var exact = new LinkedHashMap<String, Tensor>();
        try (Params drawn = Params.fresh(3);
                var scope = new Scope()) {
            Gemma.of(drawn, config);
            drawn.table().forEach((name, x) -> {
                Tensor larger = name.contains("norm") ? x.add(new Scalar(0.3)) : x.mul(new Scalar(12.0));
                Tensor bf16 = larger.to(ScalarType.BFloat16).to(ScalarType.Float); // what kernels hold exactly
                exact.put(name, scope.release(bf16.detach().clone()));
            });
        }
        params = Params.of(exact);
        model = Gemma.of(params, config);
    }

    @AfterAll
    static void close() {
        params.close();
    }

    private static int[] tokens(int count, long seed) {
        return new Random(seed).ints(count, 0, VOCAB).toArray();
    }

    private static double relative(float[] found, float[] wanted) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < wanted.length; i++) {
            difference += Math.pow(found[i] - wanted[i], 2);
            size += Math.pow(wanted[i], 2);
        }
        return Math.sqrt(difference / size);
    }

    /** Far past the window, in steps of one, few and many tokens. */
    @ParameterizedTest
    @CsvSource({"BF16, 0.02", "INT8, 0.06", "INT4, 0.75"})
    void logitsAreThoseOfTheEngine(WeightFormat format, double tolerance) {
        try (var kernels = GemmaKernels.of(model, format, 2);
                var fast = kernels.decoding();
                var slow = new GemmaDecoding(model)) {
            int[] prompt = tokens(11, 0);
            fast.next(prompt);
            slow.next(prompt);
            for (int step = 0; step < 30; step++) {
                int[] fresh = tokens(
                        switch (step) {
                            case 12 -> 9;
                            case 20 -> 3;
                            case 25 -> kernels.promptFrom();
                            case 26 -> kernels.promptFrom() - 1;
                            default -> 1;
                        },
                        step);
                float[] wanted = slow.next(fresh);
                assertThat(relative(fast.next(fresh), wanted))
                        .as("step " + step)
                        .isLessThan(tolerance);
                assertThat(fast.length()).isEqualTo(slow.length());
            }
        }
    }

    @Test
    void logitsAreWrittenWhereTheLastOnesWere() {
        try (var kernels = GemmaKernels.of(model, WeightFormat.INT8, 1);
                var decoding = kernels.decoding();
                var other = kernels.decoding()) {
            float[] found = decoding.next(1, 2);
            float[] before = found.clone();
            assertThat(other.next(3)).isNotSameAs(found);
            assertThat(found).containsExactly(before);
            float[][] each = decoding.each(4, 5, 6, 7, 8);
            assertThat(each[0]).isSameAs(found);
            assertThat(each[4]).isNotSameAs(each[0]);
            assertThat(found).isNotEqualTo(before);
        }
    }

    @Test
    void goingBackIsAsIfNothingHadFollowed() {
        try (var kernels = GemmaKernels.of(model, WeightFormat.BF16, 1);
                var decoding = kernels.decoding()) {
            decoding.next(tokens(3, 1));
            float[] before = decoding.next(tokens(1, 2)).clone();
            decoding.next(tokens(1, 3));
            assertThat(decoding.canRewind(3)).isTrue();
            decoding.rewind(3);
            assertThat(decoding.next(tokens(1, 2))).containsExactly(before);
            decoding.next(tokens(5, 4)); // past the window
            assertThat(decoding.canRewind(3)).isFalse();
        }
    }

    /** Far past the window, after single tokens, groups and chunks longer than the ring, as if what was taken back had never been. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4})
    void aFewTokensCanBeTakenBackAnywhere(int spare) {
        var random = new Random(7);
        try (var kernels = GemmaKernels.of(model, WeightFormat.BF16, 1)) {
            for (int round = 0; round < 12; round++) {
                try (var decoding = kernels.decoding(1 + random.nextInt(40), spare);
                        var fresh = kernels.decoding()) {
                    int[] text = tokens(20 + random.nextInt(60), round);
                    decoding.next(text);
                    int back = random.nextInt(spare + 2);
                    assertThat(decoding.canRewind(text.length - back)).isTrue();
                    decoding.rewind(text.length - back);
                    text = Arrays.copyOf(text, text.length - back);
                    decoding.next(5); // and once more
                    decoding.rewind(text.length);
                    for (int again = 0; again < 6; again++) {
                        assertThat(decoding.canTakeBack(spare + 2)).isFalse();
                        int extra = 1 + random.nextInt(spare + 1);
                        assertThat(decoding.canTakeBack(extra)).isTrue();
                        decoding.each(tokens(extra, 100 + again));
                        int kept = random.nextInt(extra + 1);
                        assertThat(decoding.canRewind(text.length + kept)).isTrue();
                        decoding.rewind(text.length + kept);
                        text = IntStream.concat(IntStream.of(text), Arrays.stream(tokens(extra, 100 + again), 0, kept))
                                .toArray();
                    }
                    float[] found = decoding.next(3);
                    fresh.next(text);
                    assertThat(relative(found, fresh.next(3)))
                            .as("round " + round)
                            .isLessThan(0.02);
                }
            }
        }
    }

    /** To the last bit, far past the window, and where the ring has room to go back. */
    @ParameterizedTest
    @EnumSource(WeightFormat.class)
    void logitsOfEachTokenAreThoseOfSteps(WeightFormat format) {
        try (var kernels = GemmaKernels.of(model, format, 2);
                var together = kernels.rewindable(5);
                var single = kernels.decoding()) {
            together.next(tokens(5, 0));
            single.next(tokens(5, 0));
            for (int round = 0; round < 40; round++) {
                int[] ids = tokens(1 + round % 7, round);
                float[][] found = together.each(ids);
                for (int i = 0; i < ids.length; i++) {
                    assertThat(found[i]).as("round %d token %d", round, i).containsExactly(single.next(ids[i]));
                }
                assertThat(together.length()).isEqualTo(single.length());
            }
            assertThat(together.next(3)).containsExactly(single.next(3));
        }
    }

    /** Proposals that are right, wrong or both leave a greedy answer as it is, far past the window. */
    @Test
    void speculationLeavesGreedyAnswersTheSame() {
        var config = GenerationConfig.of(SamplingConfig.GREEDY, 60, Set.of());
        int[] prompt = tokens(6, 2);
        try (var kernels = GemmaKernels.of(model, WeightFormat.BF16, 2);
                var plain = kernels.decoding();
                var fast = kernels.rewindable(3)) {
            List<Integer> wanted = greedy(plain, prompt, 60);
            var random = new Random(3);
            Draft draft = new Draft() {
                @Override
                public List<Token> propose(int[] history, int most) {
                    int at = history.length - prompt.length;
                    return IntStream.range(at, Math.min(at + most, wanted.size()))
                            .mapToObj(i ->
                                    new Token(random.nextInt(3) == 0 ? random.nextInt(VOCAB) : wanted.get(i), null))
                            .toList();
                }

                @Override
                public void close() {}
            };
            var result = new Speculation(draft, 3).run(fast, fast.next(prompt), prompt, config, (_, _) -> true);
            assertThat(result.answer().ids())
                    .containsExactly(wanted.stream().mapToInt(x -> x).toArray());
            assertThat(result.accepted()).isBetween(20, result.proposed() - 5);
            assertThat(result.passes()).isLessThan(45);
        }
    }

    private static List<Integer> greedy(KernelDecoding decoding, int[] prompt, int count) {
        var ids = new ArrayList<Integer>();
        float[] logits = decoding.next(prompt);
        while (ids.size() < count) {
            int best = 0;
            for (int i = 1; i < logits.length; i++) {
                best = logits[i] > logits[best] ? i : best;
            }
            ids.add(best);
            logits = decoding.next(best);
        }
        return ids;
    }

    /** A prompt in chunks shorter and longer than the window, after others, against all at once and against single tokens. */
    @ParameterizedTest
    @CsvSource({"BF16, 0.02", "INT8, 0.03"})
    void chunksAreAsOnePassAndAsSteps(KvRows.Format cache, double tolerance) {
        int[] text = tokens(140, 5);
        try (var kernels = GemmaKernels.of(model, WeightFormat.INT8, 2)) {
            kernels.keep(cache);
            try (var whole = kernels.decoding();
                    var single = kernels.decoding()) {
                float[] wanted = whole.next(text);
                float[] stepped = {};
                for (int id : text) {
                    stepped = single.next(id);
                }
                assertThat(relative(stepped, wanted)).isLessThan(tolerance);
                for (int chunk : new int[] {1, 4, 9, 33}) {
                    try (var cut = kernels.decoding(chunk, 0)) {
                        cut.next(Arrays.copyOf(text, 11));
                        cut.next(Arrays.copyOfRange(text, 11, 13));
                        assertThat(relative(cut.next(Arrays.copyOfRange(text, 13, 140)), wanted))
                                .as("chunks of " + chunk)
                                .isLessThan(tolerance);
                        assertThat(cut.length()).isEqualTo(140);
                        assertThat(cut.cacheBytes())
                                .isEqualTo(KernelCache.bytes(model.config().text(), cache, 140));
                    }
                }
            }
        }
    }

    /** A token at a random place of a long text is seen from the end as without a cache, whatever pieces the text came in. */
    @ParameterizedTest
    @CsvSource({"BF16, 0.03", "INT8, 0.06"})
    void needlesAreSeenAsWithoutACache(KvRows.Format cache, double tolerance) {
        var random = new Random(11);
        try (var kernels = GemmaKernels.of(model, WeightFormat.BF16, 2)) {
            kernels.keep(cache);
            for (int round = 0; round < 4; round++) {
                int[] text = new int[700];
                Arrays.fill(text, 17);
                text[random.nextInt(699)] = 1 + random.nextInt(VOCAB - 1); // the only one that differs
                try (var decoding = kernels.decoding(1 + random.nextInt(300), 0);
                        var scope = new Scope()) {
                    float[] found = {};
                    for (int at = 0; at < text.length; ) {
                        int size = Math.min(text.length - at, random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(400));
                        found = decoding.next(Arrays.copyOfRange(text, at, at + size));
                        at += size;
                    }
                    Tensor all = model.forward(GemmaInput.of(Tensors.of(text, 1, text.length))); // [1, T, V]
                    float[] wanted = Tensors.toFloats(scope.keep(all.select(1, text.length - 1)));
                    assertThat(relative(found, wanted)).as("round " + round).isLessThan(tolerance);
                }
            }
        }
    }

    /** A cache of bytes is near one of halves, which is near the engine's: far past the window. */
    @Test
    void bytesOfTheCacheAreNearHalves() {
        try (var kernels = GemmaKernels.of(model, WeightFormat.BF16, 1);
                var slow = new GemmaDecoding(model)) {
            kernels.keep(KvRows.Format.INT8);
            try (var bytes = kernels.decoding()) {
                for (int step = 0; step < 30; step++) {
                    int[] fresh = tokens(step == 0 ? 19 : 1, step);
                    assertThat(relative(bytes.next(fresh), slow.next(fresh)))
                            .as("step " + step)
                            .isLessThan(0.05);
                }
            }
        }
    }

    /** Soft tokens see one another, whatever the chunks, and text goes on after them. */
    @Test
    void picturesAreThoseOfTheEngine() {
        int[] text = TinyGemma.ids(30, 2);
        Arrays.fill(text, 3, 3 + TinyGemma.SOFT, TinyGemma.IMAGE);
        Arrays.fill(text, 17, 17 + TinyGemma.SOFT, TinyGemma.IMAGE);
        try (Params drawn = Params.fresh(4);
                var scope = new Scope()) {
            Gemma pictured = TinyGemma.of(drawn, TinyGemma.WITH_PICTURES);
            Tensor images = scope.keep(torch.rand(2, 12, 12, 3));
            try (var kernels = GemmaKernels.of(pictured, WeightFormat.BF16, 2);
                    var slow = new GemmaDecoding(pictured);
                    var fast = kernels.decoding(4, 0)) {
                assertThat(relative(fast.next(new int[][] {text}, images)[0], slow.next(new int[][] {text}, images)[0]))
                        .isLessThan(0.03);
                assertThat(relative(fast.next(7), slow.next(7))).isLessThan(0.03);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> fast.next(new int[][] {{1, 2, 3}}, images))
                        .withMessageContaining("2 pictures take 18 placeholders");
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> fast.next(TinyGemma.IMAGE))
                        .withMessage("token 61: the vocabulary has 60");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 40})
    void scoresAreTheLogitsOfEachStep(int count) {
        int[] more = tokens(count, 8);
        try (var kernels = GemmaKernels.of(model, WeightFormat.BF16, 1);
                var decoding = kernels.decoding();
                var slow = new GemmaDecoding(model)) {
            decoding.next(tokens(4, 7));
            slow.next(tokens(4, 7));
            double[] found = decoding.score(new int[][] {more}).logprobs()[0];
            double[] wanted = slow.score(new int[][] {more}).logprobs()[0];
            for (int i = 0; i < more.length; i++) {
                assertThat(found[i]).isCloseTo(wanted[i], within(0.2));
            }
        }
    }

    @Test
    void severalTextsAreRefused() {
        try (var kernels = GemmaKernels.of(model, WeightFormat.BF16, 1);
                var decoding = kernels.decoding()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> decoding.next(new int[][] {{1}, {2}}))
                    .withMessageContaining("found 2 texts, wanted 1");
        }
    }
}
