package dev.fovea.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.generate.Generator.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GeneratorTest {

    private static final int[][] PROMPTS = {{0}, {1}, {2}};

    @Test
    void everyTokenIsTheLikeliestAfterTheLast() {
        var chain = new ChainDecoding(9, 1);
        for (Answer answer : run(chain, GenerationConfig.of(SamplingConfig.GREEDY, 7, Set.of()))) {
            assertThat(answer.ids()).hasSize(7);
            assertThat(answer.ended()).isFalse();
        }
        Answer first = run(chain, GenerationConfig.of(SamplingConfig.GREEDY, 7, Set.of()))
                .getFirst();
        double sum = 0;
        for (double logprob : first.logprobs()) {
            sum += logprob;
        }
        assertThat(sum).isCloseTo(chain.logprob(0, first.ids()), within(1e-9));
    }

    /** A row ends with its end token, others go on. */
    @Test
    void rowsEndByThemselves() {
        var free = run(new ChainDecoding(9, 1), GenerationConfig.of(SamplingConfig.GREEDY, 7, Set.of()));
        int end = free.get(1).ids()[2];
        List<Answer> stopped = run(new ChainDecoding(9, 1), GenerationConfig.of(SamplingConfig.GREEDY, 7, Set.of(end)));
        for (int row = 0; row < 3; row++) {
            int[] whole = free.get(row).ids();
            int[] part = stopped.get(row).ids();
            assertThat(whole).startsWith(part);
            assertThat(stopped.get(row).ended()).isEqualTo(part[part.length - 1] == end);
            assertThat(part.length == 7 || part[part.length - 1] == end).isTrue();
        }
        assertThat(stopped.get(1).ids()).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void rulesHold() {
        var config = new GenerationConfig(
                SamplingConfig.GREEDY, 12, 5, Set.of(3), Map.of(), 2, List.of(List.of(4, 5)), Set.of(7), 8);
        for (int seed = 0; seed < 30; seed++) {
            for (Answer answer : run(new ChainDecoding(9, seed), config)) {
                var all = new ArrayList<Integer>();
                for (int id : answer.ids()) {
                    all.add(id);
                }
                int end = all.indexOf(3);
                assertThat(end == -1 || end >= 5)
                        .as("no end before the fifth token")
                        .isTrue();
                assertThat(all).doesNotContain(7).doesNotContainSequence(4, 5);
                if (all.size() == 12) {
                    assertThat(all.getLast()).isEqualTo(8);
                    all.removeLast(); // forced, whatever other rules say
                }
                var pairs = new ArrayList<List<Integer>>();
                for (int i = 0; i + 1 < all.size(); i++) {
                    pairs.add(all.subList(i, i + 2));
                }
                assertThat(pairs).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void listenerSeesTokensAndStops() {
        var seen = new ArrayList<Integer>();
        var chain = new ChainDecoding(9, 1);
        Answer answer = Generator.run(
                        chain,
                        chain.next(new int[][] {{0}}),
                        new int[][] {{0}},
                        GenerationConfig.of(SamplingConfig.GREEDY, 20, Set.of()),
                        (_, id) -> {
                            seen.add(id);
                            return seen.size() < 4;
                        })
                .getFirst();
        assertThat(answer.ids())
                .hasSize(4)
                .containsExactly(seen.stream().mapToInt(Integer::intValue).toArray());
        assertThat(chain.length()).as("the last token was chosen and not fed").isEqualTo(4);
    }

    @Test
    void biasActsAfterItsBeginning() {
        var logits = new float[5];
        new SequenceBias(Map.of(List.of(1, 2), 3.0, List.of(4), -1.0)).process(logits, new int[] {0, 1});
        assertThat(logits).containsExactly(0, 0, 3, 0, -1);
        var others = new float[5];
        new SequenceBias(Map.of(List.of(1, 2), 3.0)).process(others, new int[] {1, 0});
        assertThat(others).containsOnly(0);
    }

    private static List<Answer> run(ChainDecoding chain, GenerationConfig c) {
        return Generator.run(chain, chain.next(PROMPTS), PROMPTS, c, Generator.Listener.NONE);
    }
}
