package dev.fovea.generate;

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

    /**
     * Answers to prompts that were fed. Afterwards all chosen tokens but the last of the longest answer have been fed to
     * the decoding; rows that ended earlier were fed their end token again and again.
     *
     * @param logits what {@link Decoding#next} gave for the last tokens of the prompts
     * @param prompts the tokens that rules see before the answer; transformers counts padding among them
     */
    public static List<Answer> run(
            Decoding decoding, float[][] logits, int[][] prompts, GenerationConfig c, Listener listener) {
        List<Continuation> rows = IntStream.range(0, prompts.length)
                .mapToObj(i -> new Continuation(c.withSeed(c.sampling().seed() + i), prompts[i]))
                .toList();
        var chosen = new int[rows.size()][1];
        for (int step = 0; step < c.maxNewTokens(); step++) {
            if (step > 0) {
                logits = decoding.next(chosen);
            }
            boolean goOn = true;
            for (int i = 0; i < chosen.length; i++) {
                Continuation row = rows.get(i);
                if (!row.ended()) {
                    chosen[i][0] = row.choose(logits[i]);
                    goOn &= listener.chosen(i, chosen[i][0]);
                }
            }
            if (!goOn || rows.stream().allMatch(Continuation::ended)) {
                break;
            }
        }
        return rows.stream().map(Continuation::answer).toList();
    }
}
