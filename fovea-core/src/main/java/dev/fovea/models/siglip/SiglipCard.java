package dev.fovea.models.siglip;

import dev.fovea.config.Configs;
import dev.fovea.config.TypeKey;
import dev.fovea.config.TypeName;
import dev.fovea.image.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What a model folder of Fovea's says of two towers beside the weights, in {@code fovea.yaml}.
 *
 * @param bytes whether texts are read byte by byte; else a vocabulary lies in the folder, as in a published one
 */
@TypeKey("system")
@TypeName("siglip")
record SiglipCard(SiglipConfig towers, boolean bytes, List<Step> preprocess) {

    static final String FILE = "fovea.yaml";
    private static final List<String> VOCABULARY = List.of("spiece.model", "tokenizer_config.json");

    SiglipCard {
        preprocess = List.copyOf(preprocess);
    }

    static SiglipCard read(Path folder) {
        return Configs.read(SiglipCard.class, folder.resolve(FILE), List.of());
    }

    /** Writes the card, and the vocabulary that lies in another folder. */
    void write(Path folder, Path vocabulary) {
        write(folder);
        try {
            for (String name : VOCABULARY) {
                Files.copy(vocabulary.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be copied: %s".formatted(vocabulary, e.getMessage()), e);
        }
    }

    void write(Path folder) {
        Configs.write(this, folder.resolve(FILE));
    }
}
