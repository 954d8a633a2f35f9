package dev.fovea.report;

import dev.fovea.train.Measurement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run's page shows. Empty lists and maps and nulls leave their part of the page out.
 *
 * @param title name of the run
 * @param subtitle one line below it: what was trained on what; may be empty
 * @param headline the few numbers to see first, by name and as they shall be read: {@code "Test accuracy"}, {@code "93.4%"}
 * @param metrics measurements by step, as {@link dev.fovea.train.RunFolder#readMetrics} gives them
 * @param timings likewise, of {@link dev.fovea.train.RunFolder#readTimings}
 * @param scores metrics at the end by name, such as {@code test/top1}
 * @param predictions samples
 * @param config the resolved configuration as YAML
 * @param environment by name; see {@link Environment#here}
 * @param galleries pictures that the run made
 */
public record RunReport(
        String title,
        String subtitle,
        SequencedMap<String, String> headline,
        List<Measurement> metrics,
        List<Measurement> timings,
        SequencedMap<String, Double> scores,
        List<Prediction> predictions,
        @Nullable Confusion confusion,
        @Nullable Calibration calibration,
        String config,
        SequencedMap<String, String> environment,
        List<Gallery> galleries) {

    /** A report without galleries. */
    public RunReport(
            String title,
            String subtitle,
            SequencedMap<String, String> headline,
            List<Measurement> metrics,
            List<Measurement> timings,
            SequencedMap<String, Double> scores,
            List<Prediction> predictions,
            @Nullable Confusion confusion,
            @Nullable Calibration calibration,
            String config,
            SequencedMap<String, String> environment) {
        this(
                title,
                subtitle,
                headline,
                metrics,
                timings,
                scores,
                predictions,
                confusion,
                calibration,
                config,
                environment,
                List.of());
    }

    /** The same report with pictures that the run made. */
    public RunReport with(Gallery... pictures) {
        return new RunReport(
                title,
                subtitle,
                headline,
                metrics,
                timings,
                scores,
                predictions,
                confusion,
                calibration,
                config,
                environment,
                List.of(pictures));
    }

    /** Writes the page {@code report.html} into {@code folder}, over an older one. */
    public Path write(Path folder) {
        Path page = folder.resolve("report.html");
        try {
            Files.createDirectories(folder);
            Path draft = folder.resolve("report.html.tmp");
            Files.writeString(draft, html());
            Files.move(draft, page, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("%s: %s".formatted(page, e.getMessage()), e);
        }
        return page;
    }

    /** The page. */
    public String html() {
        return new Page(this).html();
    }
}
