package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.generate.Decoding.Scores;
import dev.fovea.generate.Logprobs;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What the cache must not change. */
class GemmaDecodingTest {

    private static final Params PARAMS = Params.fresh(3);
    private static final Gemma MODEL = TinyGemma.of(PARAMS, TinyGemma.WITH_PICTURES);
    private static final float NEAR = 2e-4f;

    @AfterAll
    static void close() {
        PARAMS.close();
    }

    /** Token by token through the cache equals one pass, past twice the window and past a step of the full buffers. */
    @Test
    void cachedEqualsUncached() {
        int[] ids = TinyGemma.ids(270, 5);
        float[][] expected = uncached(ids);
        try (var decoding = new GemmaDecoding(MODEL)) {
            for (int i = 0; i < ids.length; i++) {
                assertThat(decoding.next(ids[i])).as("token %d", i).containsExactly(expected[i], within(NEAR));
            }
        }
    }

    @Test
    void chunkedPrefillEqualsWhole() {
        int[] ids = TinyGemma.ids(23, 3);
        float[][] expected = uncached(ids);
        for (int chunk : new int[] {1, 2, 3, 4, 7, 11}) {
            try (var decoding = decoding(chunk)) {
                decoding.next(Arrays.copyOf(ids, 22));
                assertThat(decoding.next(ids[22])).as("chunk %d", chunk).containsExactly(expected[22], within(NEAR));
            }
        }
    }

    @Test
    void ringEqualsFull() {
        int[] ids = TinyGemma.ids(31, 7);
        try (var ring = new GemmaDecoding(MODEL);
                var full = new GemmaDecoding(MODEL, 512, padding -> GemmaCache.full(TinyGemma.TEXT, padding))) {
            for (int start = 0; start < ids.length; start += start % 3 + 1) {
                int[] some = Arrays.copyOfRange(ids, start, start + start % 3 + 1);
                assertThat(ring.next(some)).containsExactly(full.next(some), within(NEAR));
            }
            assertThat(ring.cacheBytes()).isLessThan(full.cacheBytes());
        }
    }

    /** Rows of different lengths side by side are written as each is alone. */
    @Test
    void batchedEqualsSingle() {
        int[][] prompts = {TinyGemma.ids(3, 2), TinyGemma.ids(17, 3), TinyGemma.ids(8, 5)};
        int[] more = TinyGemma.ids(12, 11);
        try (var batch = decoding(4)) {
            float[][] first = batch.next(prompts);
            float[][] later = first;
            for (int id : more) {
                later = batch.next(new int[][] {{id}, {id}, {id}});
            }
            for (int row = 0; row < prompts.length; row++) {
                try (var single = new GemmaDecoding(MODEL)) {
                    assertThat(first[row]).containsExactly(single.next(prompts[row]), within(NEAR));
                    assertThat(later[row]).containsExactly(single.next(more), within(NEAR));
                }
            }
        }
    }

    /** A second turn on a kept cache is what starting over would be. */
    @Test
    void keptPrefixEqualsStartingOver() {
        int[] ids = TinyGemma.ids(30, 13);
        try (var kept = new GemmaDecoding(MODEL);
                var over = new GemmaDecoding(MODEL)) {
            kept.next(Arrays.copyOf(ids, 14));
            assertThat(kept.next(Arrays.copyOfRange(ids, 14, 30))).containsExactly(over.next(ids), within(NEAR));
        }
    }

    /** What was fed after the kept part is as if it had never been; a ring that has lost the part refuses. */
    @Test
    void rewoundEqualsNeverFed() {
        int[] ids = TinyGemma.ids(4, 13);
        try (var rewound = new GemmaDecoding(MODEL);
                var plain = new GemmaDecoding(MODEL)) {
            rewound.next(ids);
            rewound.next(7);
            rewound.rewind(4);
            plain.next(ids);
            assertThat(rewound.next(9)).containsExactly(plain.next(9), within(NEAR));
            rewound.next(TinyGemma.ids(10, 3));
            assertThat(rewound.canRewind(4)).isFalse();
            assertThatIllegalStateException()
                    .isThrownBy(() -> rewound.rewind(4))
                    .withMessage("KV cache of 15 tokens, window 5: cannot go back to 4");
        }
    }

    /** With spare places in the rings tokens can be taken back past the window too, and what follows is as if never fed. */
    @Test
    void tokensAreTakenBackPastTheWindow() {
        var random = new SplittableRandom(2);
        try (var rewound = GemmaDecoding.rewindable(MODEL, 4)) {
            int[] kept = TinyGemma.ids(3, 13);
            rewound.next(kept);
            for (int round = 0; round < 40; round++) {
                int wrong = 1 + random.nextInt(5);
                int length = rewound.length();
                assertThat(rewound.canTakeBack(wrong)).isTrue();
                if (round % 2 == 0) {
                    rewound.each(TinyGemma.ids(wrong, round));
                } else {
                    IntStream.of(TinyGemma.ids(wrong, round)).forEach(rewound::next);
                }
                rewound.rewind(length);
                int[] right = TinyGemma.ids(1 + random.nextInt(4), 7 + round);
                float[][] found = rewound.each(right);
                kept = IntStream.concat(IntStream.of(kept), IntStream.of(right)).toArray();
                float[][] expected = uncached(kept);
                for (int i = 0; i < right.length; i++) {
                    assertThat(found[i])
                            .as("round %d", round)
                            .containsExactly(expected[kept.length - right.length + i], within(NEAR));
                }
            }
            assertThat(kept.length).isGreaterThan(60);
            assertThat(rewound.canTakeBack(6)).isFalse();
            assertThat(rewound.canRewind(kept.length - 9)).isFalse();
        }
    }

    @Test
    void reorderedRowsGoOnFromTheirs() {
        int[][] prompts = {TinyGemma.ids(3, 2), TinyGemma.ids(9, 3)};
        try (var decoding = new GemmaDecoding(MODEL);
                var single = new GemmaDecoding(MODEL)) {
            decoding.next(prompts);
            decoding.reorder(1, 1, 0);
            float[][] found = decoding.next(new int[][] {{5}, {6}, {7}});
            single.next(prompts[1]);
            assertThat(found[1]).containsExactly(single.next(6), within(NEAR));
        }
    }

    /** Soft tokens see one another over the edge of a chunk, and the picture's row only. */
    @Test
    void picturesAreNotCutByChunks() {
        int[] before = TinyGemma.ids(4, 3);
        int[] picture =
                IntStream.generate(() -> TinyGemma.IMAGE).limit(TinyGemma.SOFT).toArray();
        int[] ids = Stream.of(before, picture, TinyGemma.ids(6, 5), picture, TinyGemma.ids(2, 7))
                .flatMapToInt(Arrays::stream)
                .toArray();
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            Tensor images = torch.sin(torch.arange(new org.bytedeco.pytorch.Scalar(2.0 * 12 * 12 * 3)))
                    .view(2, 12, 12, 3);
            Tensor logits = MODEL.forward(new GemmaInput(Tensors.of(ids, 1, ids.length), null, images));
            float[] expected = Tensors.toFloats(logits.select(1, ids.length - 1));
            for (int chunk : new int[] {3, 6, 100}) {
                try (var decoding = decoding(chunk)) {
                    assertThat(decoding.next(new int[][] {ids}, images)[0])
                            .as("chunk %d", chunk)
                            .containsExactly(expected, within(NEAR));
                }
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new GemmaDecoding(MODEL).next(new int[][] {before}, images))
                    .withMessage("2 pictures take 18 placeholders, 9 each; the ids have 0");
        }
    }

    @Test
    void scoresAreTheLogProbabilities() {
        int[] prompt = TinyGemma.ids(6, 3);
        int[] answer = TinyGemma.ids(9, 5);
        try (var scored = new GemmaDecoding(MODEL);
                var stepped = new GemmaDecoding(MODEL)) {
            scored.next(prompt);
            Scores scores = scored.score(new int[][] {answer});
            float[] logits = stepped.next(prompt);
            for (int i = 0; i < answer.length; i++) {
                assertThat(scores.logprobs()[0][i]).isCloseTo(Logprobs.of(logits, answer[i]), within(1e-4));
                assertThat(scores.best()[0][i])
                        .isEqualTo(Logprobs.top(logits, 1).getFirst().id() == answer[i]);
                logits = stepped.next(answer[i]);
            }
            assertThat(scored.next(3)).containsExactly(stepped.next(3), within(NEAR));
        }
    }

    @Test
    void wrongTokensAreNamed() {
        try (var decoding = new GemmaDecoding(MODEL)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> decoding.next(60))
                    .withMessage("token 60: the vocabulary has 60");
            assertThatIllegalStateException()
                    .isThrownBy(() -> decoding.score(new int[][] {{1}}))
                    .withMessage("nothing was fed yet: the first token of a text has no probability");
            decoding.next(1, 2);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> decoding.next(new int[][] {{1}, {2}}))
                    .withMessage("found 2 rows of 1 to 1 tokens, wanted 1 rows, all as long as each other");
        }
    }

    private static GemmaDecoding decoding(int chunk) {
        return new GemmaDecoding(MODEL, chunk, padding -> GemmaCache.of(TinyGemma.TEXT, padding));
    }

    private static float[][] uncached(int... ids) {
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            Tensor logits = MODEL.forward(GemmaInput.of(Tensors.of(ids, 1, ids.length)));
            var rows = new float[ids.length][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = Tensors.toFloats(logits.select(1, i));
            }
            return rows;
        }
    }
}
