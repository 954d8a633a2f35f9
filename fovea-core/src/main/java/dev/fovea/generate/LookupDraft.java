package dev.fovea.generate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Proposes what came after the same tokens before: the last few of the text are looked for in it, the longest run first, and of
 * several places the last one counts; what came there goes round where it reaches the end of the text. Answers that repeat their
 * prompt, such as summaries and changed programs, gain most.
 *
 * @param longest tokens of the run that is looked for first; shorter ones follow, down to one
 */
public record LookupDraft(int longest) implements Draft {

    public LookupDraft {
        if (longest < 1) {
            throw new IllegalArgumentException("longest run %d, wanted 1 or more".formatted(longest));
        }
    }

    @Override
    public List<Token> propose(int[] history, int most) {
        int end = history.length;
        for (int run = Math.min(longest, end - 1); run > 0; run--) {
            for (int at = end - run - 1; at >= 0; at--) {
                if (Arrays.equals(history, at, at + run, history, end - run, end)) {
                    int next = at + run;
                    int period = end - next;
                    return IntStream.range(0, most)
                            .mapToObj(i -> new Token(history[next + i % period], null))
                            .toList();
                }
            }
        }
        return List.of();
    }

    @Override
    public void close() {}
}
