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

    private static final Map<String, String> TITLES = Map.of(
            "loss", "Loss",
            "rate", "Learning rate",
            "gradNorm", "Gradient norm before clipping",
            "top1", "Top-1 accuracy",
            "top5", "Top-5 accuracy",
            "accuracy", "Accuracy",
            "crossEntropy", "Cross-entropy",
            "calibrationError", "Calibration error",
            "brier", "Brier score",
            "examplesPerSecond", "Examples per second");

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
