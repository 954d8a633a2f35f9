package dev.fovea.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Names of the files of a run. */
public final class RunFolder {

    private RunFolder() {}

    /** The resolved configuration, as YAML. */
    public static Path config(Path folder) {
        return folder.resolve("config.yaml");
    }

    /** The configuration that a run has written. */
    public static String readConfig(Path folder) {
        try {
            return Files.readString(config(folder));
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be read: %s".formatted(config(folder), e.getMessage()), e);
        }
    }

    /** Measurements by step, one JSON object a line. */
    public static Path metrics(Path folder) {
        return folder.resolve("metrics.jsonl");
    }

    /** Where the time went, by step, one JSON object a line. */
    public static Path timings(Path folder) {
        return folder.resolve("timings.jsonl");
    }

    public static Path tensorBoard(Path folder) {
        return folder.resolve("tensorboard");
    }

    public static Path checkpoints(Path folder) {
        return folder.resolve("checkpoints");
    }

    /** The parameters at the end, the moving average where there is one. */
    public static Path model(Path folder) {
        return folder.resolve("model.safetensors");
    }

    /** The parameters that were best by the metric of the configuration. */
    public static Path best(Path folder) {
        return folder.resolve("best.safetensors");
    }

    /** The measurements that a run has written so far. */
    public static List<Measurement> readMetrics(Path folder) {
        return MetricsFile.read(metrics(folder));
    }

    /** The timings that a run has written so far. */
    public static List<Measurement> readTimings(Path folder) {
        return MetricsFile.read(timings(folder));
    }
}
