package dev.fovea.cli;

import dev.fovea.eval.Interval;
import dev.fovea.train.Measurement;
import dev.fovea.train.RunFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs of several seeds against each other. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = {
            "Final metrics of runs with several seeds: means with 95%% t intervals, and differences of every two",
            "configurations, seed by seed, with theirs. Runs are paired by their place in the lists."
        },
        footerHeading = "%nExamples:%n",
        footer = "  fovea compare dense=runs/dense_s0,runs/dense_s1,runs/dense_s2 k2=runs/k2_s0,runs/k2_s1,runs/k2_s2")
final class Compare implements Callable<Integer> {

    @Parameters(
            arity = "1..*",
            paramLabel = "NAME=RUN,RUN,...",
            description = "a configuration and its run folders, one a seed, seeds in one order everywhere")
    private Map<String, String> arms = new LinkedHashMap<>();

    @Option(
            names = "--metrics",
            split = ",",
            defaultValue = "eval/top1,eval/crossEntropy",
            paramLabel = "SET/NAME",
            description =
                    "the last measured value of each; a|b is a where a run has it, else b (default: ${DEFAULT-VALUE})")
    private List<String> metrics = List.of();

    @Option(names = "--json", description = "one JSON object a line of the table")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    /**
     * A line of the table.
     *
     * @param of a configuration, or two with a minus between
     * @param values by run
     */
    record Line(String metric, String of, Interval interval, double[] values) {}

    @Override
    public Integer call() {
        SequencedMap<String, List<Map<String, Double>>> runs = new LinkedHashMap<>();
        arms.forEach((name, folders) -> runs.put(
                name,
                List.of(folders.split(",", -1)).stream().map(Compare::last).toList()));
        int seeds = runs.firstEntry().getValue().size();
        runs.forEach((name, its) -> {
            if (its.size() != seeds) {
                throw new Failure("%s has %d runs, %s has %d; runs are paired"
                        .formatted(name, its.size(), runs.firstEntry().getKey(), seeds));
            }
        });
        List<Line> lines =
                metrics.stream().flatMap(m -> lines(m, runs).stream()).toList();
        PrintWriter out = Output.of(spec);
        lines.forEach(line -> out.println(json ? Output.json(line) : text(line)));
        return 0;
    }

    private static List<Line> lines(String metric, SequencedMap<String, List<Map<String, Double>>> runs) {
        List<Line> own = runs.entrySet().stream()
                .map(arm -> line(metric, arm.getKey(), values(metric, arm.getKey(), arm.getValue())))
                .toList();
        var lines = new ArrayList<>(own);
        for (int b = 1; b < own.size(); b++) {
            for (Line a : own.subList(0, b)) {
                double[] difference = own.get(b).values().clone();
                for (int i = 0; i < difference.length; i++) {
                    difference[i] -= a.values()[i];
                }
                lines.add(line(metric, own.get(b).of() + " - " + a.of(), difference));
            }
        }
        return lines;
    }

    private static Line line(String metric, String of, double[] values) {
        return new Line(metric, of, Interval.ofRuns(values), values);
    }

    private static double[] values(String metric, String arm, List<Map<String, Double>> runs) {
        return runs.stream().mapToDouble(run -> value(arm, run, metric)).toArray();
    }

    private static double value(String arm, Map<String, Double> run, String metric) {
        for (String name : List.of(metric.split("\\|", -1))) {
            Double found = run.get(name);
            if (found != null) {
                return found;
            }
        }
        throw new Failure("%s: a run has no metric %s; it has %s".formatted(arm, metric, run.keySet()));
    }

    /** The last value of each metric of a run. */
    private static Map<String, Double> last(String folder) {
        var last = new LinkedHashMap<String, Double>();
        for (Measurement m : RunFolder.readMetrics(Path.of(folder))) {
            m.values().forEach((name, value) -> last.put(m.set() + "/" + name, value));
        }
        return last;
    }

    private static String text(Line line) {
        var out = new StringBuilder("%-24s %-16s %9.4f"
                .formatted(line.metric(), line.of(), line.interval().mean()));
        out.append(
                line.values().length == 1
                        ? "  one run"
                        : "  ± %.4f "
                                .formatted(
                                        line.interval().high() - line.interval().mean()));
        for (double value : line.values()) {
            out.append(" %9.4f".formatted(value));
        }
        return out.toString();
    }
}
