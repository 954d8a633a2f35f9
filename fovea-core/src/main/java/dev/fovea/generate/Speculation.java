package dev.fovea.generate;

import dev.fovea.generate.Generator.Answer;
import dev.fovea.generate.Generator.Listener;
import java.util.List;

/**
 * Writes one text with fewer passes of its model: a {@link Draft} proposes tokens, one pass looks at all of them, and as many
 * are taken as the model would have chosen itself (arXiv 2211.17192). Greedy answers are token for token those of
 * {@link Generator}, on libtorch up to the rounding of matrix products of another size; drawn answers have the same distribution, and with a
 * draft that does not draw they are the same tokens, too.
 *
 * @param most tokens that are proposed at a time
 */
public record Speculation(Draft draft, int most) {

    public Speculation {
        if (most < 1) {
            throw new IllegalArgumentException("%d proposed tokens, wanted 1 or more".formatted(most));
        }
    }

    /**
     * What was written, and how.
     *
     * @param proposed tokens that the draft proposed
     * @param accepted how many of them are in the answer
     * @param passes of the model after the prompt
     */
    public record Result(Answer answer, int proposed, int accepted, int passes) {}

    /**
     * An answer to a prompt that was fed. Afterwards all its tokens but the last have been fed to the decoding. Where the
     * decoding could not take proposals back, tokens are written one by one.
     *
     * @param logits what the decoding gave for the last token of the prompt
     * @param prompt the tokens that rules see before the answer
     */
    public Result run(Decoding decoding, float[] logits, int[] prompt, GenerationConfig c, Listener listener) {
        var text = new Continuation(c, prompt);
        boolean goOn = listener.chosen(0, text.choose(logits));
        int proposed = 0;
        int accepted = 0;
        int passes = 0;
        while (goOn && !text.isDone()) {
            int wanted = Math.min(most, c.maxNewTokens() - text.size() - 1);
            List<Draft.Token> tokens =
                    wanted > 0 && decoding.canTakeBack(wanted + 1) ? draft.propose(text.history(), wanted) : List.of();
            int before = decoding.length();
            float[][] seen = decoding.each(fed(text.lastId(), tokens));
            passes++;
            proposed += tokens.size();
            int chosen = 0;
            boolean asProposed = true;
            while (goOn && asProposed && !text.isDone() && chosen <= tokens.size()) {
                if (chosen < tokens.size()) {
                    Draft.Token token = tokens.get(chosen);
                    asProposed = text.choose(seen[chosen], token) == token.id();
                    accepted += asProposed ? 1 : 0;
                } else {
                    text.choose(seen[chosen]);
                }
                chosen++;
                goOn = listener.chosen(0, text.lastId());
            }
            if (chosen <= tokens.size()) {
                decoding.rewind(before + chosen);
            }
        }
        return new Result(text.answer(), proposed, accepted, passes);
    }

    private static int[] fed(int last, List<Draft.Token> tokens) {
        var ids = new int[tokens.size() + 1];
        ids[0] = last;
        for (int i = 0; i < tokens.size(); i++) {
            ids[i + 1] = tokens.get(i).id();
        }
        return ids;
    }
}
