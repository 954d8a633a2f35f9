package dev.fovea.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Writes one continuation of each row of a {@link Decoding}, token by token, until every row has ended. */
public final class Generator {

    private Generator() {}

    /** Is shown each token as it is chosen. */
    @FunctionalInterface
    public interface Listener {

        /** Nothing is watched and nothing stopped. */
        Listener NONE = (_, _) -> true;

        /** A token of a row; false ends all rows after this step. */
        boolean chosen(int row, int id);
    }

    /**
     * One answer.
     *
     * @param ids the tokens, one that ended it included
     * @param logprobs of each the logarithm of the model's own probability, before rules and sampling
     * @param ended whether a token of {@code ends} came; false where the length or the listener ended it
     */
    public record Answer(int[] ids, double[] logprobs, boolean ended) {}

    /** One row while it is being written. */
    private static final class Row {

        private final Sampler sampler;
        private int[] history;
        private final int promptLength;
        private final List<Double> logprobs = new ArrayList<>();
        private boolean ended;

        Row(Sampler sampler, int... prompt) {
            this.sampler = sampler;
            this.history = prompt;
            this.promptLength = prompt.length;
        }

        int choose(float[] logits, GenerationConfig c) {
            int id = sampler.next(logits, history);
            logprobs.add(Logprobs.of(logits, id));
            history = Arrays.copyOf(history, history.length + 1);
            history[history.length - 1] = id;
            ended = c.ends().contains(id);
            return id;
        }

        Answer answer() {
            return new Answer(
                    Arrays.copyOfRange(history, promptLength, history.length),
                    logprobs.stream().mapToDouble(Double::doubleValue).toArray(),
                    ended);
        }
    }

    /**
     * Answers to prompts that were fed. Afterwards all chosen tokens but the last of the longest answer have been fed to
     * the decoding; rows that ended earlier were fed their end token again and again.
     *
     * @param logits what {@link Decoding#next} gave for the last tokens of the prompts
     * @param prompts the tokens that rules see before the answer; transformers counts padding among them
     */
    public static List<Answer> run(
            Decoding decoding, float[][] logits, int[][] prompts, GenerationConfig c, Listener listener) {
        List<Row> rows = IntStream.range(0, prompts.length)
                .mapToObj(i -> new Row(
                        new Sampler(
                                c.sampling().withSeed(c.sampling().seed() + i),
                                c.rules(prompts[i].length).toArray(LogitsProcessor[]::new)),
                        prompts[i]))
                .toList();
        var chosen = new int[rows.size()][1];
        for (int step = 0; step < c.maxNewTokens(); step++) {
            if (step > 0) {
                logits = decoding.next(chosen);
            }
            boolean goOn = true;
            for (int i = 0; i < chosen.length; i++) {
                Row row = rows.get(i);
                if (!row.ended) {
                    chosen[i][0] = row.choose(logits[i], c);
                    goOn &= listener.chosen(i, chosen[i][0]);
                }
            }
            if (!goOn || rows.stream().allMatch(row -> row.ended)) {
                break;
            }
        }
        return rows.stream().map(Row::answer).toList();
    }
}
