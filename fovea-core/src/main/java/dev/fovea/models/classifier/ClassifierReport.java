package dev.fovea.models.classifier;

import dev.fovea.data.ImageDataset;
import dev.fovea.eval.ClassificationMetrics;
import dev.fovea.models.classifier.ClassifierEvaluation.Result;
import dev.fovea.report.Calibration;
import dev.fovea.report.Confusion;
import dev.fovea.report.Environment;
import dev.fovea.report.Prediction;
import dev.fovea.report.RunReport;
import dev.fovea.train.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;

/** The page of a classifier's run: curves, scores, sample predictions, confusion, calibration, configuration. */
final class ClassifierReport {

    private static final int SAMPLES = 24;
    private static final int MOST_CLASSES = 40;

    private ClassifierReport() {}

    static Path write(Path folder, ModelCard card, ImageDataset data, Result result, String subtitle) {
        ClassificationMetrics metrics = result.metrics();
        var headline = new LinkedHashMap<String, String>();
        headline.put("Accuracy", "%.2f%%".formatted(100 * metrics.top1()));
        headline.put("Cross-entropy", "%.3f".formatted(metrics.crossEntropy()));
        headline.put("Examples", Long.toString(metrics.count()));
        int numClasses = card.vit().numClasses();
        List<String> names =
                IntStream.range(0, numClasses).mapToObj(card::label).toList();
        return new RunReport(
                        String.valueOf(folder.toAbsolutePath().getFileName()),
                        subtitle,
                        headline,
                        RunFolder.readMetrics(folder),
                        RunFolder.readTimings(folder),
                        metrics.toMap(),
                        samples(card, data, result),
                        numClasses <= MOST_CLASSES ? new Confusion(names, metrics.confusion()) : null,
                        calibration(result),
                        RunFolder.readConfig(folder),
                        Environment.here(Path.of("")))
                .write(folder);
    }

    /** Mistakes first, the surest of them first, then what was right: half of each where there are enough. */
    private static List<Prediction> samples(ModelCard card, ImageDataset data, Result result) {
        List<Integer> wrong = new ArrayList<>();
        List<Integer> right = new ArrayList<>();
        for (int i = 0; i < result.labels().length; i++) {
            if (result.labels()[i] >= 0 && result.predicted()[i] >= 0) {
                (result.labels()[i] == result.predicted()[i] ? right : wrong).add(i);
            }
        }
        wrong.sort((a, b) -> Double.compare(result.confidence()[b], result.confidence()[a]));
        var chosen = new ArrayList<>(wrong.subList(0, Math.min(SAMPLES / 2, wrong.size())));
        int rest = Math.min(SAMPLES - chosen.size(), right.size());
        for (int i = 0; i < rest; i++) {
            chosen.add(right.get(i * right.size() / rest)); // spread over the whole split
        }
        return chosen.stream()
                .map(i -> new Prediction(
                        data.get(i).image(),
                        card.label(result.labels()[i]),
                        card.label(result.predicted()[i]),
                        result.confidence()[i]))
                .toList();
    }

    private static Calibration calibration(Result result) {
        int[] counted = IntStream.range(0, result.labels().length)
                .filter(i -> result.labels()[i] >= 0 && result.predicted()[i] >= 0)
                .toArray();
        var confidence = new double[counted.length];
        var right = new boolean[counted.length];
        for (int i = 0; i < counted.length; i++) {
            confidence[i] = result.confidence()[counted[i]];
            right[i] = result.labels()[counted[i]] == result.predicted()[counted[i]];
        }
        return Calibration.of(confidence, right, ClassificationMetrics.BINS);
    }
}
