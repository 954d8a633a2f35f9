package dev.fovea.generate;

import java.util.BitSet;

/**
 * Makes tokens of the history less likely (arXiv 1909.05858, section 4.1): a logit of 0 or more is divided by the penalty,
 * one below 0 multiplied. Each token counts once; a penalty below 1 makes them likelier.
 */
public record RepetitionPenalty(double penalty) implements LogitsProcessor {

    public RepetitionPenalty {
        if (!(penalty > 0) || Double.isInfinite(penalty)) {
            throw new IllegalArgumentException("repetitionPenalty %s, wanted a number above 0".formatted(penalty));
        }
    }

    @Override
    public void process(float[] logits, int[] history) {
        float factor = (float) penalty;
        var seen = new BitSet(logits.length);
        for (int id : history) {
            if (id >= logits.length) {
                continue; // a placeholder outside the vocabulary, such as that of an image
            }
            if (!seen.get(id)) {
                seen.set(id);
                logits[id] = logits[id] < 0 ? logits[id] * factor : logits[id] / factor;
            }
        }
    }
}
