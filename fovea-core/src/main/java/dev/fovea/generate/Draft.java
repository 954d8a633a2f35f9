package dev.fovea.generate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Proposes tokens before the model itself has seen them, cheaply. One for a text; closing it frees what it keeps. */
public interface Draft extends AutoCloseable {

    /**
     * A proposed token.
     *
     * @param logits processed logits of the distribution that it was drawn from; null where it was not drawn
     */
    record Token(int id, float @Nullable [] logits) {}

    /**
     * What may come next.
     *
     * @param history ids of prompt and answer so far; from call to call it grows, or begins anew
     * @param most how many tokens are wanted at most
     */
    List<Token> propose(int[] history, int most);

    @Override
    void close();
}
