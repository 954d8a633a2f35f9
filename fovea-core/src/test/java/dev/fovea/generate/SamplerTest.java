package dev.fovea.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.generate.SamplingConfig.Order;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {

    private static final float NONE = Float.NEGATIVE_INFINITY;

    private static float[] logs(double... probabilities) {
        var logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        return logits;
    }

    private static List<Integer> kept(LogitsProcessor processor, float[] logits) {
        float[] x = logits.clone();
        processor.process(x, new int[0]);
        return IntStream.range(0, x.length).filter(i -> x[i] > NONE).boxed().toList();
    }

    @Test
    void greedyTakesTheFirstOfTheBest() {
        assertThat(new Sampler(SamplingConfig.GREEDY).next(new float[] {1, 3, NONE, 3}))
                .isEqualTo(1);
    }

    @Test
    void drawsFollowTheProbabilities() {
        var sampler = new Sampler(new SamplingConfig(1, 0, 1, 0, 1, Order.TOP_K_TOP_P, 5));
        float[] logits = logs(0.5, 0, 0.2, 0.3);
        var counts = new int[4];
        for (int i = 0; i < 20_000; i++) {
            counts[sampler.next(logits)]++;
        }
        assertThat(counts[1]).isZero();
        assertThat(counts[0] / 20_000.0).isCloseTo(0.5, within(0.015));
        assertThat(counts[2] / 20_000.0).isCloseTo(0.2, within(0.015));
    }

    @Test
    void sameSeedGivesTheSameTokens() {
        var random = new Random(3);
        var a = new Sampler(SamplingConfig.GEMMA3.withSeed(11));
        var b = new Sampler(SamplingConfig.GEMMA3.withSeed(11));
        for (int i = 0; i < 50; i++) {
            float[] logits = new float[200];
            for (int j = 0; j < logits.length; j++) {
                logits[j] = (float) random.nextGaussian();
            }
            assertThat(a.next(logits)).isEqualTo(b.next(logits));
        }
    }

    @Test
    void logitsOfTheModelAreLeftAlone() {
        float[] logits = logs(0.6, 0.3, 0.1);
        new Sampler(SamplingConfig.GEMMA3).next(logits, 0, 1);
        assertThat(logits).isEqualTo(logs(0.6, 0.3, 0.1));
    }

    /** 0.4 of the whole vocabulary is 0.57 of the best two: the order decides whether the second stays. */
    @Test
    void orderOfTheTwoLimitsChangesTheSet() {
        float[] logits = logs(0.4, 0.3, 0.15, 0.15);
        assertThat(kept(new TopPThenTopK(0.5, 2), logits)).containsExactly(0, 1);
        float[] best = logits.clone();
        new TopK(2).process(best, new int[0]);
        assertThat(kept(new TopP(0.5), best)).containsExactly(0);
    }

    @Test
    void ranksCutTiesWhereGemmaPytorchDoes() {
        float[] logits = logs(0.25, 0.25, 0.25, 0.25);
        assertThat(kept(new TopK(2), logits)).containsExactly(0, 1, 2, 3);
        assertThat(kept(new TopPThenTopK(1, 2), logits)).containsExactly(0, 1);
    }

    @Test
    void nucleusIsTheFewestTokensThatHaveTheMass() {
        float[] logits = logs(0.15, 0.4, 0.05, 0.3, 0.1);
        assertThat(kept(new TopP(0.35), logits)).containsExactly(1);
        assertThat(kept(new TopP(0.65), logits)).containsExactly(1, 3);
        assertThat(kept(new TopP(0.8), logits)).containsExactly(0, 1, 3);
        assertThat(kept(new TopP(0.99), logits)).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void bestTokenIsNeverRemoved() {
        float[] logits = logs(0.1, 0.7, 0.2);
        assertThat(kept(new TopP(0), logits)).containsExactly(1);
        assertThat(kept(new TopPThenTopK(0, 1), logits)).containsExactly(1);
        assertThat(kept(new MinP(1), logits)).containsExactly(1);
    }

    @Test
    void repeatedTokensCountOnceAndPlaceholdersNot() {
        float[] logits = {2, -2, 1};
        new RepetitionPenalty(2).process(logits, new int[] {0, 0, 1, 262_144});
        assertThat(logits).containsExactly(1, -4, 1);
    }

    @Test
    void logprobsSumToOne() {
        float[] logits = {1, 2, NONE, 0.5f};
        assertThat(Logprobs.top(logits, 10).stream()
                        .mapToDouble(e -> Math.exp(e.logprob()))
                        .sum())
                .isCloseTo(1, within(1e-12));
        assertThat(Logprobs.top(logits, 2)).extracting(Logprobs.Entry::id).containsExactly(1, 0);
        assertThat(Logprobs.of(logits, 1))
                .isEqualTo(Logprobs.top(logits, 1).getFirst().logprob());
    }

    @Test
    void impossibleSettingsAndLogitsAreNamed() {
        assertThatThrownBy(() -> new SamplingConfig(-1, 0, 1, 0, 1, Order.TOP_K_TOP_P, 0))
                .hasMessage("temperature -1.0, wanted 0 or more");
        assertThatThrownBy(() -> new TopP(1.5)).hasMessage("topP 1.5, wanted 0 to 1");
        var sampler = new Sampler(SamplingConfig.GREEDY);
        assertThatThrownBy(() -> sampler.next(new float[] {NONE, NONE}))
                .hasMessage("every one of 2 tokens is ruled out");
        assertThatThrownBy(() -> sampler.next(new float[] {0, Float.NaN}))
                .hasMessage("logit of token 1 is not a number");
    }
}
