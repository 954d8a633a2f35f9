package dev.fovea.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What a run writes about itself: {@code metrics.jsonl}, the same for a run that was resumed and one that was not;
 * {@code timings.jsonl}; event files in {@code tensorboard/}; and progress.
 */
final class RunLog implements AutoCloseable {

    private final MetricsFile metrics;
    private final MetricsFile timings;
    private final TensorBoardFile tensorBoard;
    private final Progress progress;
    private final SequencedMap<String, Double> latest = new LinkedHashMap<>();

    /** @param lastStep the step resumed from, negative for a new run */
    RunLog(Path folder, long lastStep, Progress progress) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be made: %s".formatted(folder, e.getMessage()), e);
        }
        Path file = RunFolder.metrics(folder);
        metrics = MetricsFile.open(file, lastStep);
        timings = MetricsFile.open(RunFolder.timings(folder), lastStep);
        tensorBoard = TensorBoardFile.open(RunFolder.tensorBoard(folder), lastStep);
        this.progress = progress;
        MetricsFile.read(file).forEach(this::remember);
    }

    void measured(Measurement m) {
        metrics.append(m);
        scalars(m);
        remember(m);
        progress.measured(m);
    }

    void timed(long step, SequencedMap<String, Double> values) {
        var m = new Measurement(step, "time", values);
        timings.append(m);
        scalars(m);
    }

    /** The newest value of every metric, named {@code set/metric}. */
    SequencedMap<String, Double> latest() {
        return latest;
    }

    /** Puts everything so far onto the disk. */
    void force() {
        metrics.force();
        timings.force();
        tensorBoard.flush();
    }

    @Override
    public void close() {
        metrics.close();
        timings.close();
        tensorBoard.close();
    }

    private void remember(Measurement m) {
        m.values().forEach((name, value) -> latest.put(m.set() + "/" + name, value));
    }

    private void scalars(Measurement m) {
        m.values().forEach((name, value) -> tensorBoard.scalar(m.set() + "/" + name, m.step(), value));
        tensorBoard.flush();
    }
}
