package dev.fovea.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The recorded cases of tokenizers, where they are there. */
final class RecordedTokenizers {

    private RecordedTokenizers() {}

    /** Their {@code tokenizer.json} files; without the recorded cases the test is skipped. */
    static List<Path> json() throws IOException {
        Path folder = Path.of(System.getProperty("fovea.fixtures", "../../shared/fixtures"))
                .resolve("tokenizer");
        Assumptions.assumeTrue(Files.exists(folder), "no fixtures at " + folder);
        try (Stream<Path> cases = Files.list(folder)) {
            return cases.map(c -> c.resolve("tokenizer.json"))
                    .filter(Files::exists)
                    .sorted()
                    .toList();
        }
    }
}
