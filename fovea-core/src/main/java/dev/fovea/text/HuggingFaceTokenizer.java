package dev.fovea.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A {@code tokenizer.json}. No begin or end mark is added. One of the kind that Gemma and PaliGemma are published with is
 * run in Java and is there in a few tenths of a second; any other by the Rust library that defines the file.
 */
public sealed interface HuggingFaceTokenizer extends Tokenizer, AutoCloseable permits MergesTokenizer, RustTokenizer {

    /**
     * Reads a {@code tokenizer.json}, or the tables that {@link #prepare} wrote beside it.
     *
     * @throws IllegalArgumentException for a file that is none, naming it
     */
    static HuggingFaceTokenizer read(Path json) {
        try {
            return MergesTables.read(json)
                    .or(() -> MergesReader.read(json))
                    .<HuggingFaceTokenizer>map(tokenizer -> tokenizer)
                    .orElseGet(() -> RustTokenizer.read(json));
        } catch (IOException e) {
            throw new UncheckedIOException(json.toString(), e);
        }
    }

    /**
     * Writes {@code tokenizer.tables} beside a {@code tokenizer.json}, which makes reading it ten times as fast; nothing where the
     * library is needed to run it.
     */
    static void prepare(Path json) throws IOException {
        Optional<MergesTokenizer> tokenizer = MergesReader.read(json);
        if (tokenizer.isPresent()) {
            MergesTables.write(json, tokenizer.get());
        }
    }

    /** The text of {@code ids}, special tokens written out; ids that the file does not have are left out. */
    @Override
    String decode(int... ids);

    /** The text of {@code ids} without special tokens. */
    String decodePlain(int... ids);

    @Override
    void close();
}
