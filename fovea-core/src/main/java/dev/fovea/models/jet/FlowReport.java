package dev.fovea.models.jet;

import dev.fovea.image.ImageDecoder;
import dev.fovea.report.Environment;
import dev.fovea.report.Gallery;
import dev.fovea.report.RunReport;
import dev.fovea.train.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of a generative run: curves, bits per dimension, latents' statistics, and the samples over training. */
public final class FlowReport {

    /** What the metrics call the split that is evaluated. */
    public static final String EVALUATED = "eval";

    private static final int MOST_GRIDS = 8;

    private FlowReport() {}

    /**
     * Writes the page of a finished run.
     *
     * @param metrics the last measurements by name, as the trainer gives them
     */
    public static Path write(Path folder, Map<String, Double> metrics, String subtitle) {
        var scores = new LinkedHashMap<String, Double>();
        metrics.forEach((name, value) -> {
            if (name.startsWith(EVALUATED + "/")) {
                scores.put(name.substring(EVALUATED.length() + 1), value);
            }
        });
        var headline = new LinkedHashMap<String, String>();
        headline(headline, scores, "bits", "Bits per dimension");
        headline(headline, scores, "nats", "Nats per text token");
        headline(headline, scores, "latentStd", "Standard deviation of the latents");
        return new RunReport(
                        String.valueOf(folder.toAbsolutePath().getFileName()),
                        subtitle,
                        headline,
                        RunFolder.readMetrics(folder),
                        RunFolder.readTimings(folder),
                        scores,
                        List.of(),
                        null,
                        null,
                        RunFolder.readConfig(folder),
                        Environment.here(Path.of("")))
                .with(new Gallery("Samples over training", grids(folder)))
                .write(folder);
    }

    private static void headline(
            Map<String, String> headline, Map<String, Double> scores, String metric, String title) {
        Double value = scores.get(metric);
        if (value != null) {
            headline.put(title, "%.3f".formatted(value));
        }
    }

    /** The first and last grids, and some between. */
    private static List<Gallery.Picture> grids(Path folder) {
        List<Path> all = SampleGrids.all(folder);
        var grids = new ArrayList<Gallery.Picture>();
        int shown = Math.min(MOST_GRIDS, all.size());
        for (int i = 0; i < shown; i++) {
            int k = shown == 1 ? 0 : (int) Math.round((double) i * (all.size() - 1) / (shown - 1));
            grids.add(new Gallery.Picture("evaluation %d".formatted(k + 1), ImageDecoder.read(all.get(k))));
        }
        return grids;
    }
}
