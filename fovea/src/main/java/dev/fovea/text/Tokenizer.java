package dev.fovea.text;

/** Text to token ids and back. Safe for use by several threads. */
public interface Tokenizer {

    /** Ids of {@code text}. */
    int[] encode(String text);

    /** The text that {@code ids} stand for. */
    String decode(int... ids);

    /** Number of ids: every id is in {@code 0 .. vocabSize() - 1}. */
    int vocabSize();
}
