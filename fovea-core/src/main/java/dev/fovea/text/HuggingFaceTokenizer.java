package dev.fovea.text;

import java.nio.file.Path;

/**
 * A {@code tokenizer.json}. No begin or end mark is added. One of the kind that Gemma and PaliGemma are published with is
 * run in Java and is there in a few tenths of a second; any other by the Rust library that defines the file.
 */
public sealed interface HuggingFaceTokenizer extends Tokenizer, AutoCloseable permits MergesTokenizer, RustTokenizer {

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @throws IllegalArgumentException for a file that is none, naming it
     */
    static HuggingFaceTokenizer read(Path file) {
        return MergesReader.read(file)
                .<HuggingFaceTokenizer>map(tokenizer -> tokenizer)
                .orElseGet(() -> RustTokenizer.read(file));
    }

    /** The text of {@code ids}, special tokens written out; ids that the file does not have are left out. */
    @Override
    String decode(int... ids);

    /** The text of {@code ids} without special tokens. */
    String decodePlain(int... ids);

    @Override
    void close();
}
