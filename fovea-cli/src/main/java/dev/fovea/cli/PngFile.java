package dev.fovea.cli;

import dev.fovea.image.Image;
import dev.fovea.image.ImageEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pictures that a command makes. */
final class PngFile {

    private PngFile() {}

    static void write(Path file, Image image) {
        try {
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.write(file, ImageEncoder.png(image));
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
        }
    }
}
