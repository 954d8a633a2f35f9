package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.generate.Draft;
import dev.fovea.generate.GenerationConfig;
import dev.fovea.generate.Generator;
import dev.fovea.generate.LookupDraft;
import dev.fovea.generate.ModelDraft;
import dev.fovea.generate.SamplingConfig;
import dev.fovea.generate.Speculation;
import dev.fovea.generate.Speculation.Result;
import dev.fovea.nn.Params;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;

/** Proposals do not change what a Gemma writes, far past the window of its rings. */
class GemmaSpeculationTest {

    private static final int MOST = 4;

    @Test
    void answersAreThoseWithoutProposals() {
        int looked = 0;
        int drafted = 0;
        for (int seed = 0; seed < 3; seed++) {
            try (Params params = Params.fresh(seed);
                    Params smaller = Params.fresh(seed)) {
                Gemma model = TinyGemma.of(params, TinyGemma.WITHOUT_PICTURES);
                Gemma small = TinyGemma.of(smaller, TinyGemma.WITHOUT_PICTURES);
                small.text().norm().weight().mul_(new Scalar(1.01)).add_(new Scalar(0.02)); // nearly the same
                for (int length : new int[] {2, 4, 23}) {
                    int[] prompt = TinyGemma.ids(length, seed);
                    GenerationConfig c = GenerationConfig.of(SamplingConfig.GREEDY, 40, Set.of(0));
                    Generator.Answer alone = alone(model, prompt, c);
                    Result lookup = speculated(model, new LookupDraft(3), prompt, c);
                    assertThat(lookup.answer().ids()).containsExactly(alone.ids());
                    Result draft = speculated(model, draft(small, c), prompt, c);
                    assertThat(draft.answer().ids()).containsExactly(alone.ids());
                    GenerationConfig drawn = GenerationConfig.of(SamplingConfig.GEMMA3.withSeed(seed), 40, Set.of(0));
                    assertThat(speculated(model, new LookupDraft(3), prompt, drawn)
                                    .answer()
                                    .ids())
                            .containsExactly(alone(model, prompt, drawn).ids());
                    looked += lookup.accepted();
                    drafted += draft.accepted();
                }
            }
        }
        assertThat(looked).as("accepted of those that were looked up").isGreaterThan(20);
        assertThat(drafted).as("accepted of the small model's").isGreaterThan(100);
    }

    private static ModelDraft draft(Gemma small, GenerationConfig c) {
        return new ModelDraft(() -> GemmaDecoding.rewindable(small, MOST), TinyGemma.TEXT.vocabSize(), c.sampling());
    }

    private static Generator.Answer alone(Gemma model, int[] prompt, GenerationConfig c) {
        try (var decoding = new GemmaDecoding(model)) {
            int[][] prompts = {prompt};
            return Generator.run(decoding, decoding.next(prompts), prompts, c, Generator.Listener.NONE)
                    .getFirst();
        }
    }

    private static Result speculated(Gemma model, Draft draft, int[] prompt, GenerationConfig c) {
        try (draft;
                var decoding = GemmaDecoding.rewindable(model, MOST)) {
            return new Speculation(draft, MOST)
                    .run(decoding, decoding.next(new int[][] {prompt})[0], prompt, c, Generator.Listener.NONE);
        }
    }
}
