package dev.fovea.models.gemma;

import dev.fovea.generate.ModelDraft;
import dev.fovea.generate.SamplingConfig;
import dev.fovea.text.Tokenizer;
import java.util.Arrays;

/** A smaller Gemma that proposes tokens to a larger one. */
public final class GemmaDraft {

    /** So many tokens are compared of the two vocabularies. */
    private static final int PROBES = 4096;

    private GemmaDraft() {}

    /**
     * What a small model would write in a large one's place.
     *
     * @param small open as long as the draft
     * @param most tokens that are proposed at a time
     * @throws IllegalArgumentException where the two have other vocabularies
     */
    public static ModelDraft of(GemmaModel large, GemmaModel small, SamplingConfig sampling, int most) {
        int vocabSize = Math.min(vocabSize(large), vocabSize(small));
        requireSame(large.tokenizer(), small.tokenizer(), vocabSize);
        return new ModelDraft(() -> small.rewindable(most), vocabSize, sampling);
    }

    private static int vocabSize(GemmaModel model) {
        return model.config().text().vocabSize();
    }

    private static void requireSame(Tokenizer large, Tokenizer small, int vocabSize) {
        int step = Math.max(1, vocabSize / PROBES);
        for (int id = 0; id < vocabSize; id += step) {
            String text = large.decode(id);
            int[] wanted = large.encode(text);
            int[] found = small.encode(text);
            if (!Arrays.equals(found, wanted)) {
                throw new IllegalArgumentException(
                        "the draft has another vocabulary: '%s' is %s in it, %s in the model it writes for"
                                .formatted(text, Arrays.toString(found), Arrays.toString(wanted)));
            }
        }
    }
}
