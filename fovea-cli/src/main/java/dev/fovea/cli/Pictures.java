package dev.fovea.cli;

import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** The pictures that a command was given: files, and what lies in folders. */
final class Pictures {

    private static final int BATCH = 32;
    private static final List<String> ENDINGS = List.of(".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp");

    private Pictures() {}

    static List<Path> files(List<Path> given) {
        var files = new ArrayList<Path>();
        for (Path path : given) {
            if (!Files.isDirectory(path)) {
                files.add(path);
                continue;
            }
            try (Stream<Path> tree = Files.walk(path)) {
                List<Path> found = tree.filter(Pictures::isPicture).sorted().toList();
                if (found.isEmpty()) {
                    throw new Failure("%s: no pictures in it; wanted files ending in %s".formatted(path, ENDINGS));
                }
                files.addAll(found);
            } catch (IOException e) {
                throw new UncheckedIOException("%s: %s".formatted(path, e.getMessage()), e);
            }
        }
        return files;
    }

    /** Decodes and hands over a batch at a time. */
    static void inBatches(List<Path> files, BiConsumer<List<Path>, List<Image>> use) {
        for (int start = 0; start < files.size(); start += BATCH) {
            List<Path> some = files.subList(start, Math.min(start + BATCH, files.size()));
            use.accept(some, some.stream().map(ImageDecoder::read).toList());
        }
    }

    private static boolean isPicture(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        return ENDINGS.stream().anyMatch(name::endsWith);
    }
}
