package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.kernel.KvRows;
import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
                int[] fresh = tokens(step == 12 ? 9 : step == 20 ? 3 : 1, step);
                float[] wanted = slow.next(fresh);
                assertThat(relative(fast.next(fresh), wanted))
                        .as("step " + step)
                        .isLessThan(tolerance);
                assertThat(fast.length()).isEqualTo(slow.length());
            }
        }
    }

    @Test
    void goingBackIsAsIfNothingHadFollowed() {
        try (var kernels = GemmaKernels.of(model, WeightFormat.BF16, 1);
                var decoding = kernels.decoding()) {
            decoding.next(tokens(3, 1));
            float[] before = decoding.next(tokens(1, 2));
            decoding.next(tokens(1, 3));
            assertThat(decoding.canRewind(3)).isTrue();
            decoding.rewind(3);
            assertThat(decoding.next(tokens(1, 2))).containsExactly(before);
            decoding.next(tokens(5, 4)); // past the window
            assertThat(decoding.canRewind(3)).isFalse();
        }
    }

    /** A prompt in chunks shorter and longer than the window, after others, against all at once and against single tokens. */
    @ParameterizedTest
    @CsvSource({"BF16, 0.02", "INT8, 0.03"})
    void chunksAreAsOnePassAndAsSteps(KvRows.Format cache, double tolerance) {
        int[] text = tokens(40, 5);
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
                    try (var cut = kernels.decoding(chunk)) {
                        cut.next(Arrays.copyOf(text, 11));
                        cut.next(Arrays.copyOfRange(text, 11, 13));
                        assertThat(relative(cut.next(Arrays.copyOfRange(text, 13, 40)), wanted))
                                .as("chunks of " + chunk)
                                .isLessThan(tolerance);
                        assertThat(cut.length()).isEqualTo(40);
                        assertThat(cut.cacheBytes())
                                .isEqualTo(KernelCache.bytes(model.config().text(), cache, 40));
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
                try (var decoding = kernels.decoding(1 + random.nextInt(300));
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
                    var fast = kernels.decoding(4)) {
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
