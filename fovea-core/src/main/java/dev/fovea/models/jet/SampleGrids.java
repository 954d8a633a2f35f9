package dev.fovea.models.jet;

import dev.fovea.eval.Evaluator;
import dev.fovea.image.Image;
import dev.fovea.image.ImageEncoder;
import dev.fovea.image.ImageGrid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Writes a grid of samples at every evaluation, {@code samples/0001.png} and on, always of the same draws. */
public record SampleGrids(Path folder, Supplier<List<Image>> sample) implements Evaluator {

    private static final String FOLDER = "samples";

    /** Writes the grid; mean and standard deviation of the samples' bytes. */
    @Override
    public SequencedMap<String, Double> evaluate() {
        List<Image> images = sample.get();
        Path files = folder.resolve(FOLDER);
        try {
            Files.createDirectories(files);
            Path file = files.resolve("%04d.png".formatted(all(folder).size() + 1));
            Files.write(file, ImageEncoder.png(ImageGrid.of(images, columns(images.size()))));
        } catch (IOException e) {
            throw new UncheckedIOException("%s: %s".formatted(files, e.getMessage()), e);
        }
        return statistics(images);
    }

    private static SequencedMap<String, Double> statistics(List<Image> images) {
        double sum = 0;
        double squares = 0;
        long count = 0;
        for (Image image : images) {
            for (byte b : image.rgb()) {
                int v = b & 0xff;
                sum += v;
                squares += (double) v * v;
                count++;
            }
        }
        var statistics = new LinkedHashMap<String, Double>();
        statistics.put("byteMean", sum / count);
        statistics.put("byteStd", Math.sqrt(Math.max(0, squares / count - sum / count * (sum / count))));
        return statistics;
    }

    /** The grids that a run has written, in order. */
    public static List<Path> all(Path folder) {
        Path files = folder.resolve(FOLDER);
        if (!Files.isDirectory(files)) {
            return List.of();
        }
        try (Stream<Path> list = Files.list(files)) {
            return list.filter(x -> x.toString().endsWith(".png")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("%s: %s".formatted(files, e.getMessage()), e);
        }
    }

    /** Columns of a grid that is about square. */
    public static int columns(int count) {
        return (int) Math.ceil(Math.sqrt(count));
    }
}
