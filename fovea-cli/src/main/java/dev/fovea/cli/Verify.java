package dev.fovea.cli;

import dev.fovea.verify.CaseResult;
import dev.fovea.verify.CaseResult.Status;
import dev.fovea.verify.Comparison;
import dev.fovea.verify.Fixtures;
import dev.fovea.verify.Systems;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares this build with recorded results of the reference implementations. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Compare with recorded results of the reference implementations; exit 1 when one is off.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea verify ../shared/fixtures",
            "  fovea verify ../shared/fixtures/vit",
            "  fovea verify ../shared/fixtures/vit/gap_learn --all"
        })
final class Verify implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "a folder of fixtures, one system in it, or one case")
    private Path folder = Path.of(".");

    @Option(names = "--all", description = "print every tensor, not only each case's worst and those that are off")
    private boolean all;

    @Option(names = "--json", description = "one JSON object a case")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    /** One tensor of a case as a machine reads it. */
    record Row(String tensor, double difference, double tolerance, boolean ok, String problem) {}

    /** One case as a machine reads it. */
    record Report(String id, Status status, String message, List<Row> tensors) {}

    @Override
    public Integer call() {
        PrintWriter out = Output.of(spec);
        var counts = new EnumMap<Status, Integer>(Status.class);
        for (Fixtures.Found found : Fixtures.below(folder)) {
            CaseResult result = Systems.run(found);
            counts.merge(result.status(), 1, Integer::sum);
            if (json) {
                out.println(Output.json(report(result)));
            } else {
                print(out, result);
            }
            out.flush();
        }
        int failed = counts.getOrDefault(Status.FAILED, 0);
        if (!json) {
            out.printf(
                    "%n%d passed, %d failed, %d not built%n",
                    counts.getOrDefault(Status.PASSED, 0), failed, counts.getOrDefault(Status.NOT_BUILT, 0));
        }
        return failed == 0 ? 0 : 1;
    }

    private void print(PrintWriter out, CaseResult result) {
        out.printf("%-10s %s%n", result.status().name().toLowerCase(Locale.ROOT).replace('_', ' '), result.id());
        if (result.comparisons().isEmpty() && !result.message().isEmpty()) {
            out.println("           " + result.message());
        }
        for (Comparison c : shown(result.comparisons())) {
            out.printf(
                    "           %-56s %10.3g  of %10.3g  %s%n",
                    c.tensor(), c.difference(), c.tolerance(), c.ok() ? "" : "OFF " + c.problem());
        }
    }

    private List<Comparison> shown(List<Comparison> comparisons) {
        if (all || comparisons.isEmpty()) {
            return comparisons;
        }
        var shown = new ArrayList<>(comparisons.stream().filter(c -> !c.ok()).toList());
        Comparison worst = comparisons.getFirst();
        for (Comparison c : comparisons) {
            if (share(c) > share(worst)) {
                worst = c;
            }
        }
        if (worst.ok()) {
            shown.addFirst(worst);
        }
        return shown;
    }

    /** How much of its tolerance a tensor uses. */
    private static double share(Comparison c) {
        return c.tolerance() > 0 ? c.difference() / c.tolerance() : c.difference() > 0 ? Double.POSITIVE_INFINITY : 0;
    }

    private static Report report(CaseResult result) {
        return new Report(
                result.id(),
                result.status(),
                result.message(),
                result.comparisons().stream()
                        .map(c -> new Row(c.tensor(), c.difference(), c.tolerance(), c.ok(), c.problem()))
                        .toList());
    }
}
