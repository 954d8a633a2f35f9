package dev.fovea.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Any {@code tokenizer.json}, run by the Rust library that defines the file. */
final class RustTokenizer implements HuggingFaceTokenizer {

    private final ai.djl.huggingface.tokenizers.HuggingFaceTokenizer library;

    private RustTokenizer(ai.djl.huggingface.tokenizers.HuggingFaceTokenizer library) {
        this.library = library;
    }

    static RustTokenizer read(Path file) {
        // Everything is in the jar; without this the library looks for a newer version on the network.
        System.setProperty("ai.djl.offline", "true");
        try {
            return new RustTokenizer(ai.djl.huggingface.tokenizers.HuggingFaceTokenizer.newInstance(
                    file, Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false")));
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }

    @Override
    public int[] encode(String text) {
        return Arrays.stream(library.encode(text, false, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    @Override
    public String decode(int... ids) {
        return library.decode(wide(ids), false);
    }

    @Override
    public String decodePlain(int... ids) {
        return library.decode(wide(ids), true);
    }

    private static long[] wide(int... ids) {
        return Arrays.stream(ids).asLongStream().toArray();
    }

    @Override
    public void close() {
        library.close();
    }
}
