package dev.fovea.text;

/** Text to token ids and back. Safe for use by several threads. */
public interface Tokenizer {

    /** Ids of {@code text}. */
    int[] encode(String text);

    /** The text that {@code ids} stand for. */
    String decode(int... ids);
}
