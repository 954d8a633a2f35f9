package dev.fovea.report;

import dev.fovea.train.Measurement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;

/** Measurements by step turned into charts: one a metric, one line a set. */
final class Curves {

    private static final Map<String, String> TITLES = Map.ofEntries(
            Map.entry("loss", "Loss"),
            Map.entry("rate", "Learning rate"),
            Map.entry("gradNorm", "Gradient norm before clipping"),
            Map.entry("top1", "Top-1 accuracy"),
            Map.entry("top5", "Top-5 accuracy"),
            Map.entry("accuracy", "Accuracy"),
            Map.entry("crossEntropy", "Cross-entropy"),
            Map.entry("calibrationError", "Calibration error"),
            Map.entry("brier", "Brier score"),
            Map.entry("examplesPerSecond", "Examples per second"),
            Map.entry("bits", "Bits per dimension"),
            Map.entry("nats", "Nats per text token"),
            Map.entry("nll", "Bits of the prior"),
            Map.entry("logdet", "Bits of the log-determinant"),
            Map.entry("rgbNoise", "Noise on 8-bit values"),
            Map.entry("latentMean", "Mean of the latents"),
            Map.entry("latentStd", "Standard deviation of the latents"),
            Map.entry("softStd", "Standard deviation of the soft tokens"),
            Map.entry("noiseStd", "Standard deviation of the factored-out values"),
            Map.entry("inversionError", "Largest error of the inverse"),
            Map.entry("byteMean", "Mean byte of the samples"),
            Map.entry("byteStd", "Standard deviation of the samples' bytes"));

    private Curves() {}

    static List<LineChart> of(List<Measurement> measurements) {
        SequencedSet<String> names = new LinkedHashSet<>();
        SequencedSet<String> sets = new LinkedHashSet<>();
        measurements.forEach(m -> {
            names.addAll(m.values().keySet());
            sets.add(m.set());
        });
        List<String> colors = List.copyOf(sets);
        return names.stream().map(name -> chart(name, measurements, colors)).toList();
    }

    /** @param colors the sets in the order of their colours, so that a set has the same in all charts */
    private static LineChart chart(String name, List<Measurement> measurements, List<String> colors) {
        SequencedMap<String, List<Measurement>> sets = new LinkedHashMap<>();
        for (Measurement m : measurements) {
            if (m.values().containsKey(name)) {
                sets.computeIfAbsent(m.set(), _ -> new ArrayList<>()).add(m);
            }
        }
        var series = new ArrayList<Series>();
        sets.forEach((set, its) -> series.add(new Series(
                set,
                colors.indexOf(set) % Series.COLORS,
                its.stream().mapToDouble(Measurement::step).toArray(),
                its.stream()
                        .mapToDouble(m -> m.values().getOrDefault(name, Double.NaN))
                        .toArray())));
        return new LineChart(TITLES.getOrDefault(name, name), series);
    }

    /** Seconds by phase over the whole run: each line of timings holds seconds a step since the line before. */
    static SequencedMap<String, Double> phases(List<Measurement> timings) {
        var phases = new LinkedHashMap<String, Double>();
        long before = 0;
        for (Measurement m : timings) {
            long steps = m.step() - before;
            before = m.step();
            m.values().forEach((name, value) -> {
                if (!name.equals("examplesPerSecond")) {
                    phases.merge(phase(name), value * steps, Double::sum);
                }
            });
        }
        return phases;
    }

    private static String phase(String name) {
        return switch (name) {
            case "dataWait" -> "waiting for data";
            case "forwardBackward" -> "forward and backward";
            case "checkpoint" -> "checkpoints";
            default -> name;
        };
    }
}
