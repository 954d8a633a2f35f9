package dev.fovea.cli;

import dev.fovea.models.jet.JetModel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** How likely pictures are under a flow. */
@Command(
        name = "likelihood",
        mixinStandardHelpOptions = true,
        description = {
            "Bits per dimension of pictures under a flow, the least likely first, and a histogram.",
            "A picture of many bits is unlike those that the flow was trained on, or finer grained than they."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea likelihood runs/jet-fashion pictures/",
            "  fovea likelihood runs/jet-fashion odd.png --reference pictures/ --json"
        })
final class Likelihood implements Callable<Integer> {

    private static final int BINS = 12;
    private static final int WIDEST = 40;

    @Mixin
    private ModelOption model = new ModelOption();

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "picture files, or folders of them")
    private List<Path> images = List.of();

    @Option(
            names = "--reference",
            paramLabel = "IMAGE",
            description = "pictures that are known to belong; prints the share of them that is less likely")
    private List<Path> reference = List.of();

    @Option(
            names = "--draws",
            defaultValue = "5",
            paramLabel = "N",
            description = "draws of dequantisation noise averaged")
    private int draws;

    @Option(names = "--seed", defaultValue = "0", paramLabel = "N", description = "of that noise")
    private long seed;

    @Option(names = "--fp64", description = "compute in float64")
    private boolean doubles;

    @Option(names = "--json", description = "one JSON object a picture, without the histogram")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    record Line(String image, double bitsPerDim, @Nullable Double shareOfReferenceLessLikely) {}

    @Override
    public Integer call() {
        if (draws < 1) {
            throw new Failure("--draws: found %d, wanted at least 1".formatted(draws));
        }
        PrintWriter out = Output.of(spec);
        List<Path> files = Pictures.files(images);
        try (JetModel flow = JetModel.open(model.model, doubles)) {
            requireUnconditional(flow, model.model);
            List<Double> known = reference.isEmpty() ? List.of() : bits(flow, Pictures.files(reference));
            List<Double> bits = bits(flow, files);
            var lines = new ArrayList<Line>();
            for (int i = 0; i < bits.size(); i++) {
                double own = bits.get(i);
                lines.add(new Line(
                        files.get(i).toString(),
                        own,
                        known.isEmpty()
                                ? null
                                : (double) known.stream().filter(x -> x >= own).count() / known.size()));
            }
            lines.sort(Comparator.comparingDouble((Line line) -> -line.bitsPerDim));
            lines.forEach(line -> print(out, line));
            if (!json && bits.size() > 1) {
                histogram(out, bits);
            }
        }
        return 0;
    }

    /** A picture alone has no class. */
    static void requireUnconditional(JetModel flow, Path model) {
        if (flow.config().contextWidth() > 0) {
            throw new Failure("%s: is conditioned on classes, which pictures alone do not have".formatted(model));
        }
    }

    private List<Double> bits(JetModel flow, List<Path> files) {
        var all = new ArrayList<Double>();
        Pictures.inBatches(files, (_, pictures) -> {
            for (double bits : flow.bits(pictures, draws, seed)) {
                all.add(bits);
            }
        });
        return all;
    }

    private void print(PrintWriter out, Line line) {
        if (json) {
            out.println(Output.json(line));
        } else if (line.shareOfReferenceLessLikely == null) {
            out.printf("%8.4f  %s%n", line.bitsPerDim, line.image);
        } else {
            out.printf("%8.4f  %5.1f%%  %s%n", line.bitsPerDim, 100 * line.shareOfReferenceLessLikely, line.image);
        }
    }

    private static void histogram(PrintWriter out, List<Double> bits) {
        double least = bits.stream().mapToDouble(x -> x).min().orElseThrow();
        double most = bits.stream().mapToDouble(x -> x).max().orElseThrow();
        double bin = most > least ? (most - least) / BINS : 1;
        var counts = new int[BINS];
        for (double x : bits) {
            counts[Math.min(BINS - 1, (int) ((x - least) / bin))]++;
        }
        int highest = 1;
        for (int count : counts) {
            highest = Math.max(highest, count);
        }
        double mean = bits.stream().mapToDouble(x -> x).average().orElseThrow();
        out.printf("%n%d pictures, mean %.4f bits a dimension%n", bits.size(), mean);
        for (int i = 0; i < BINS; i++) {
            out.printf(
                    "%8.3f  %6d  %s%n",
                    least + i * bin, counts[i], "#".repeat(Math.ceilDiv(counts[i] * WIDEST, highest)));
        }
    }
}
