package dev.fovea.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.generate.BeamSearch.Beam;
import dev.fovea.generate.BeamSearch.Stopping;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BeamSearchTest {

    private static final int VOCABULARY = 4;

    @Test
    void oneBeamIsGreedy() {
        for (int seed = 0; seed < 20; seed++) {
            Beam beam = search(1, 1, Stopping.HEURISTIC, seed, 6, Set.of()).getFirst();
            var chain = new ChainDecoding(VOCABULARY, seed);
            int[] greedy = Generator.run(
                            chain,
                            chain.next(new int[][] {{0}}),
                            new int[][] {{0}},
                            GenerationConfig.of(SamplingConfig.GREEDY, 6, Set.of()),
                            Generator.Listener.NONE)
                    .getFirst()
                    .ids();
            assertThat(beam.ids()).isEqualTo(greedy);
        }
    }

    /** As broad as there are texts, the search leaves none out. */
    @Test
    void broadSearchFindsTheBestOfAllTexts() {
        for (int seed = 0; seed < 20; seed++) {
            var chain = new ChainDecoding(VOCABULARY, seed);
            double best = Double.NEGATIVE_INFINITY;
            for (int text = 0; text < 64; text++) {
                best = Math.max(best, chain.logprob(0, text / 16, text / 4 % 4, text % 4));
            }
            List<Beam> beams = search(64, 1, Stopping.HEURISTIC, seed, 3, Set.of());
            assertThat(beams.getFirst().score()).isCloseTo(best / 3, within(1e-5));
            assertThat(chain.logprob(0, beams.getFirst().ids())).isCloseTo(best, within(1e-5));
            assertThat(beams).isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()));
        }
    }

    /** Ended beams are finished and go no further; their sum is divided by their own length to the penalty. */
    @Test
    void endedBeamsAreScoredAtTheirLength() {
        int ended = 0;
        for (int seed = 0; seed < 20; seed++) {
            var chain = new ChainDecoding(VOCABULARY, seed);
            for (Beam beam : search(3, -1, Stopping.NEVER, seed, 5, Set.of(2))) {
                int[] ids = beam.ids();
                for (int i = 0; i < ids.length - 1; i++) {
                    assertThat(ids[i]).isNotEqualTo(2);
                }
                ended += ids.length < 5 ? 1 : 0;
                assertThat(beam.score()).isCloseTo(chain.logprob(0, ids) * ids.length, within(1e-4));
            }
        }
        assertThat(ended).isPositive();
    }

    private static List<Beam> search(
            int beams, double penalty, Stopping stopping, long seed, int length, Set<Integer> ends) {
        var chain = new ChainDecoding(VOCABULARY, seed);
        return new BeamSearch(beams, penalty, stopping)
                .run(
                        chain,
                        chain.next(new int[][] {{0}}),
                        new int[][] {{0}},
                        GenerationConfig.of(SamplingConfig.GREEDY, length, ends))
                .getFirst();
    }
}
