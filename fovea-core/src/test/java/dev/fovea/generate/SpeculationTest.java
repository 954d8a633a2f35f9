package dev.fovea.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.generate.Speculation.Result;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpeculationTest {

    private static final HashModel MODEL = new HashModel(20, 1);

    /** A model that agrees with another most of the time. */
    private static float[] near(int... history) {
        return new HashModel(20, Arrays.hashCode(history) % 3 == 0 ? 2 : 1).logits(history);
    }

    /** Whatever is proposed, greedy answers are those without it: ends, rules and the length included. */
    @Test
    void greedyAnswersStayTheSame() {
        var random = new SplittableRandom(3);
        int accepted = 0;
        for (int i = 0; i < 60; i++) {
            int[] prompt = random.ints(1 + random.nextInt(6), 0, 20).toArray();
            var c = new GenerationConfig(
                    SamplingConfig.GREEDY,
                    1 + random.nextInt(25),
                    2,
                    Set.of(3),
                    Map.of(List.of(4), 1.0),
                    i % 3 == 1 ? 2 : 0,
                    List.of(),
                    Set.of(),
                    null);
            for (int most = 1; most < 7; most++) {
                Result result = run(new Scripted(), most, prompt, c);
                accepted += result.accepted();
                assertThat(result.answer().ids())
                        .containsExactly(MODEL.alone(prompt, c).ids());
                assertThat(result.answer().logprobs())
                        .containsExactly(MODEL.alone(prompt, c).logprobs(), within(1e-12));
                assertThat(result.passes() + result.accepted())
                        .as("a pass gives one token more than it accepts, the last perhaps none")
                        .isBetween(
                                result.answer().ids().length - 1,
                                result.answer().ids().length);
            }
        }
        assertThat(accepted).isGreaterThan(500);
    }

    /** A draft that does not draw leaves the seed's answer as it is. */
    @Test
    void lookedUpProposalsLeaveDrawnAnswersTheSame() {
        for (int seed = 0; seed < 40; seed++) {
            GenerationConfig c = GenerationConfig.of(SamplingConfig.GEMMA3.withSeed(seed), 20, Set.of(3));
            int[] prompt = {seed % 20, 5, 9, 5};
            assertThat(run(new LookupDraft(3), 4, prompt, c).answer().ids())
                    .containsExactly(MODEL.alone(prompt, c).ids());
            assertThat(run(new Scripted(), 4, prompt, c).answer().ids())
                    .containsExactly(MODEL.alone(prompt, c).ids());
        }
    }

    /** Proposals drawn from another distribution leave that of three tokens as the model alone has it. */
    @Test
    void drawnAnswersKeepTheirDistribution() {
        var target = new HashModel(3, 5);
        var small = new HashModel(3, 6);
        int[] prompt = {1, 2};
        int draws = 60_000;
        var counts = new int[27];
        for (int seed = 0; seed < draws; seed++) {
            var sampling = new SamplingConfig(1.5, 0, 0.9, 0, 1, SamplingConfig.Order.TOP_K_TOP_P, 7919L * seed);
            var decoding = new HashModel.Single(target);
            GenerationConfig c = GenerationConfig.of(sampling, 3, Set.of());
            try (var draft = new ModelDraft(() -> new HashModel.Single(small), 3, sampling)) {
                int[] ids = new Speculation(draft, 2)
                        .run(decoding, decoding.next(new int[][] {prompt})[0], prompt, c, Generator.Listener.NONE)
                        .answer()
                        .ids();
                counts[9 * ids[0] + 3 * ids[1] + ids[2]]++;
            }
        }
        double chiSquare = 0;
        int cells = 0;
        for (int i = 0; i < 27; i++) {
            int[] text = {1, 2, i / 9, i / 3 % 3, i % 3};
            double p = 1;
            for (int n = 2; n < 5; n++) {
                float[] logits = new Sampler(new SamplingConfig(1.5, 0, 0.9, 0, 1, SamplingConfig.Order.TOP_K_TOP_P, 0))
                        .process(target.logits(Arrays.copyOf(text, n)));
                p *= new Probabilities(logits).of(text[n]);
            }
            if (p == 0) {
                assertThat(counts[i]).isZero();
            } else {
                chiSquare += Math.pow(counts[i] - p * draws, 2) / (p * draws);
                cells++;
            }
        }
        double degrees = cells - 1.0;
        assertThat(cells).isGreaterThan(8);
        assertThat(chiSquare).as("of %d cells", cells).isLessThan(degrees + 4 * Math.sqrt(2 * degrees));
    }

    /** Where tokens could not be taken back none are proposed, and the answer comes all the same. */
    @Test
    void withoutAWayBackNothingIsProposed() {
        GenerationConfig c = GenerationConfig.of(SamplingConfig.GREEDY, 9, Set.of());
        var decoding = new HashModel.Single(MODEL) {
            @Override
            public boolean canTakeBack(int tokens) {
                return false;
            }
        };
        Result result = new Speculation(new Scripted(), 4)
                .run(decoding, decoding.next(4), new int[] {4}, c, Generator.Listener.NONE);
        assertThat(result.proposed()).isZero();
        assertThat(result.answer().ids())
                .containsExactly(MODEL.alone(new int[] {4}, c).ids());
    }

    @Test
    void listenerStopsAmongProposals() {
        var seen = new int[1];
        var decoding = new HashModel.Single(MODEL);
        Result result = new Speculation(new Scripted(), 6)
                .run(
                        decoding,
                        decoding.next(4),
                        new int[] {4},
                        GenerationConfig.of(SamplingConfig.GREEDY, 20, Set.of()),
                        (_, _) -> ++seen[0] < 5);
        assertThat(result.answer().ids()).hasSize(5);
        assertThat(decoding.length()).as("prompt and all but the last").isEqualTo(5);
    }

    @Test
    void lookupFindsTheLastOfTheLongestRuns() {
        int[] text = {1, 2, 3, 4, 9, 2, 3, 5, 6, 7, 8, 2, 3};
        assertThat(new LookupDraft(3).propose(text, 3))
                .extracting(Draft.Token::id)
                .containsExactly(5, 6, 7);
        int[] longer = {1, 2, 3, 4, 9, 2, 3, 5, 1, 2, 3};
        assertThat(new LookupDraft(3).propose(longer, 3))
                .extracting(Draft.Token::id)
                .containsExactly(4, 9, 2);
        assertThat(new LookupDraft(2).propose(longer, 6))
                .extracting(Draft.Token::id)
                .containsExactly(5, 1, 2, 3, 5, 1);
        assertThat(new LookupDraft(3).propose(new int[] {1, 2, 3}, 4)).isEmpty();
    }

    private static Result run(Draft draft, int most, int[] prompt, GenerationConfig c) {
        var decoding = new HashModel.Single(MODEL);
        Result result = new Speculation(draft, most)
                .run(decoding, decoding.next(new int[][] {prompt})[0], prompt, c, Generator.Listener.NONE);
        assertThat(decoding.length()).isEqualTo(prompt.length + result.answer().ids().length - 1);
        return result;
    }

    /** The best tokens of the nearly equal model. */
    private static final class Scripted implements Draft {

        @Override
        public List<Token> propose(int[] history, int most) {
            int[] text = history;
            for (int i = 0; i < most; i++) {
                text = IntStream.concat(IntStream.of(text), IntStream.of(Probabilities.best(near(text))))
                        .toArray();
            }
            return Arrays.stream(text, history.length, text.length)
                    .mapToObj(id -> new Token(id, null))
                    .toList();
        }

        @Override
        public void close() {}
    }
}
