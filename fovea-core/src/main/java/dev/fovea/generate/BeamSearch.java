package dev.fovea.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The continuations of largest summed log-probability that a search of fixed breadth finds, by the rules of transformers'
 * generate(): each step takes the best numBeams · max(2, 1 + number of ends) continuations of a prompt's beams; those
 * among the best numBeams that end, or have the largest length, are finished and scored; the best numBeams that have not
 * ended go on.
 *
 * @param numBeams breadth
 * @param lengthPenalty a finished sum is divided by (number of new tokens)^this: above 0 favours long texts
 * @param stopping when a prompt's search is over before the largest length
 */
public record BeamSearch(int numBeams, double lengthPenalty, Stopping stopping) {

    /** When a search is over. */
    public enum Stopping {
        /** As soon as numBeams are finished. */
        EARLY,
        /** When numBeams are finished and the best running beam would not be better if it ended now. */
        HEURISTIC,
        /** When none could become better; for a penalty above 0 measured at the largest length. */
        NEVER
    }

    /**
     * A finished continuation.
     *
     * @param ids new tokens, one that ended it included
     * @param score its summed log-probability, divided as {@code lengthPenalty} says
     */
    public record Beam(int[] ids, double score) {}

    /** A beam: where it goes on in the decoding, what was written, and the sum of log-probabilities. */
    private record Running(int row, int[] ids, double sum) {

        Running with(int id, double newSum) {
            int[] longer = Arrays.copyOf(ids, ids.length + 1);
            longer[ids.length] = id;
            return new Running(row, longer, newSum);
        }
    }

    /** The search of one prompt. */
    private static final class Search {
        private final int[] prompt;
        private final List<LogitsProcessor> rules;
        private List<Running> running;
        private List<Beam> finished = List.of();
        private boolean over;

        Search(int[] prompt, List<LogitsProcessor> rules, int row) {
            this.prompt = prompt;
            this.rules = rules;
            this.running = List.of(new Running(row, new int[0], 0));
        }
    }

    public BeamSearch {
        if (numBeams < 1) {
            throw new IllegalArgumentException("numBeams %d, wanted 1 or more".formatted(numBeams));
        }
    }

    /**
     * The finished beams of each prompt, the best first, at most numBeams.
     *
     * @param decoding was fed the prompts, one a row; its rows are the beams afterwards
     * @param logits what it gave for their last tokens
     * @param prompts the tokens that rules see before the answer; transformers counts padding among them
     */
    public List<List<Beam>> run(Decoding decoding, float[][] logits, int[][] prompts, GenerationConfig c) {
        List<Search> searches = IntStream.range(0, prompts.length)
                .mapToObj(i -> new Search(prompts[i], rules(c, prompts[i].length), i))
                .toList();
        for (int length = 1; ; length++) {
            for (Search search : searches) {
                step(search, logits, length, c);
            }
            if (length == c.maxNewTokens() || searches.stream().allMatch(search -> search.over)) {
                return searches.stream().map(search -> search.finished).toList();
            }
            logits = advance(decoding, searches);
        }
    }

    private static List<LogitsProcessor> rules(GenerationConfig c, int promptLength) {
        return Stream.concat(c.rules(promptLength).stream(), penalty(c.sampling()).stream())
                .toList();
    }

    private static List<LogitsProcessor> penalty(SamplingConfig sampling) {
        return sampling.repetitionPenalty() == 1
                ? List.of()
                : List.of(new RepetitionPenalty(sampling.repetitionPenalty()));
    }

    private void step(Search search, float[][] logits, int length, GenerationConfig c) {
        boolean last = length == c.maxNewTokens();
        List<Running> best =
                best(search, logits, numBeams * Math.max(2, 1 + c.ends().size()));
        List<Running> ending =
                best.stream().limit(numBeams).filter(x -> last || ends(x, c)).toList();
        if (!search.over) {
            search.finished = Stream.concat(
                            search.finished.stream(), ending.stream().map(x -> new Beam(x.ids, score(x.sum, length))))
                    .sorted(Comparator.comparingDouble(Beam::score).reversed())
                    .limit(numBeams)
                    .toList();
        }
        search.running = best.stream().filter(x -> !ends(x, c)).limit(numBeams).toList();
        search.over |= isOver(search, length, c);
        if (search.over) {
            search.running = List.of();
        }
    }

    /** The best continuations of all beams of a prompt. */
    private static List<Running> best(Search search, float[][] logits, int count) {
        var all = new ArrayList<Running>();
        for (Running beam : search.running) {
            float[] scores = logProbabilities(logits[beam.row]);
            int[] history = Arrays.copyOf(search.prompt, search.prompt.length + beam.ids.length);
            System.arraycopy(beam.ids, 0, history, search.prompt.length, beam.ids.length);
            search.rules.forEach(rule -> rule.process(scores, history));
            var ranked = new Ranked(scores);
            for (int i = 0; i < count && !ranked.isEmpty(); i++) {
                int id = ranked.next();
                all.add(beam.with(id, beam.sum + scores[id]));
            }
        }
        return all.stream()
                .sorted(Comparator.comparingDouble(Running::sum).reversed())
                .limit(count)
                .toList();
    }

    private static float[] logProbabilities(float[] logits) {
        var probabilities = new Probabilities(logits);
        var scores = new float[logits.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) probabilities.logOf(i);
        }
        return scores;
    }

    private static boolean ends(Running x, GenerationConfig c) {
        return c.ends().contains(x.ids[x.ids.length - 1]);
    }

    private double score(double sum, int length) {
        return sum / Math.pow(length, lengthPenalty);
    }

    private boolean isOver(Search search, int length, GenerationConfig c) {
        if (search.running.isEmpty()) {
            return true;
        }
        if (search.finished.size() < numBeams) {
            return false;
        }
        if (stopping == Stopping.EARLY) {
            return true;
        }
        int reached = stopping == Stopping.NEVER && lengthPenalty > 0 ? c.maxNewTokens() : length;
        return score(search.running.getFirst().sum, reached)
                <= search.finished.getLast().score();
    }

    /** Feeds every running beam its last token; the beams of all prompts become the rows of the decoding. */
    private static float[][] advance(Decoding decoding, List<Search> searches) {
        var from = new ArrayList<Integer>();
        var tokens = new ArrayList<int[]>();
        for (Search search : searches) {
            var moved = new ArrayList<Running>();
            for (Running beam : search.running) {
                moved.add(new Running(from.size(), beam.ids, beam.sum));
                from.add(beam.row);
                tokens.add(new int[] {beam.ids[beam.ids.length - 1]});
            }
            search.running = moved;
        }
        decoding.reorder(from.stream().mapToInt(Integer::intValue).toArray());
        return decoding.next(tokens.toArray(int[][]::new));
    }
}
