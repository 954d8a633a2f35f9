package dev.fovea.text;

/** A tokenizer of a text tower that takes texts of one length. */
public interface PaddedTokenizer extends Tokenizer {

    /** Ids of {@code text}, cut or padded to exactly {@code length}. */
    int[] encode(String text, int length);

    /** Number of ids. */
    int vocabSize();
}
