package dev.fovea.generate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model that reads the fresh tokens of several texts in one pass. Texts come and go, each with a cache of its own, and
 * none changes what another is told. {@link #ids} may be called by any thread, everything else by one at a time.
 *
 * @param <P> prompts
 * @param <T> texts
 */
public interface TextBatch<P, T extends TextBatch.Text> {

    /** A text and what the model keeps of it; closing it frees that. */
    interface Text extends AutoCloseable {

        /** Tokens that were not fed yet: the rest of the prompt, or what {@link #add} brought. */
        int waiting();

        /** A token that is to be fed next, once nothing waits. */
        void add(int id);

        @Override
        void close();
    }

    /**
     * A text's part in a pass.
     *
     * @param most tokens that are fed at most; a model may take more where it cannot be cut there
     */
    record Share<T>(T text, int most) {}

    /** Longest text, prompt and answer together. */
    int contextLength();

    /**
     * The tokens of a prompt.
     *
     * @throws IllegalArgumentException for a prompt that the model cannot take
     */
    int[] ids(P prompt);

    /** A text that begins with a prompt. */
    T open(P prompt);

    /**
     * Feeds what waits in one pass.
     *
     * @return for each text the logits {@code [V]} of what may come next; null where some of it still waits; in arrays that the next call may use again
     */
    List<float @Nullable []> feed(List<Share<T>> shares);
}
