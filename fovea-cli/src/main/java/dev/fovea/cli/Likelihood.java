package dev.fovea.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.fovea.data.DataConfig;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.image.Image;
import dev.fovea.models.jet.JetModel;
import dev.fovea.models.jetformer.JetFormerLikelihood;
import dev.fovea.models.jetformer.JetFormerModel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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

/** How likely pictures are under a flow, and pictures and texts under a JetFormer. */
@Command(
        name = "likelihood",
        mixinStandardHelpOptions = true,
        description = {
            "Bits per dimension of pictures under a Jet or a JetFormer, the least likely first, and a histogram; means"
                    + " over a data set with --data.",
            "A picture of many bits is unlike those that the model was trained on, or finer grained than they.",
            "With --text, a JetFormer says what the picture costs after the text, in bits a sub-pixel, and the text"
                    + " after the picture, in nats a token."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea likelihood runs/jet-fashion pictures/",
            "  fovea likelihood runs/jet-fashion odd.png --reference pictures/ --json",
            "  fovea likelihood runs/jetformer-drawn picture.png --text \"a red circle\"",
            "  fovea likelihood runs/jetformer-drawn --data data/captions --split test"
        })
final class Likelihood implements Callable<Integer> {

    private static final int BINS = 12;
    private static final int WIDEST = 40;

    @Mixin
    private ModelOption model = new ModelOption();

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "IMAGE", description = "picture files, or folders of them")
    private List<Path> images = List.of();

    @Option(names = "--data", paramLabel = "PATH", description = "a data set instead: means over it")
    private @Nullable Path data;

    @Option(names = "--split", paramLabel = "NAME", description = "part of the data; chosen by the data unless given")
    private @Nullable String split;

    @Option(names = "--batch", defaultValue = "100", paramLabel = "N", description = "pictures of the data a batch")
    private int batch;

    @Option(names = "--text", paramLabel = "TEXT", description = "the text of the pictures, for a JetFormer")
    private @Nullable String text;

    @Option(
            names = "--text-column",
            paramLabel = "NAME",
            description =
                    "which text goes with a picture of the data, for a JetFormer of words; the run's own unless given")
    private @Nullable String textColumn;

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

    /**
     * What is said of a picture. Where there is a text: nats of the picture after it, nats of the text after the picture by
     * token and in all, and the loss that the run minimises, in expectation.
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Line(
            String image,
            double bitsPerDim,

            @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable
            Double shareOfReferenceLessLikely,

            @Nullable Double imageNats,
            @Nullable Double textNatsPerToken,
            @Nullable Double textNats,
            @Nullable Double loss) {}

    /** Costs of pictures. */
    private interface Costs {

        List<JetFormerLikelihood.Cost> of(List<Image> pictures);
    }

    @Override
    public Integer call() {
        if (draws < 1) {
            throw new Failure("--draws: found %d, wanted at least 1".formatted(draws));
        }
        if ((data == null) == images.isEmpty()) {
            throw new Failure("wanted pictures, or a data set with --data, and not both");
        }
        if (JetFormerModel.isJetFormer(model.model)) {
            try (JetFormerModel opened = JetFormerModel.open(model.model, doubles)) {
                ofJetFormer(opened);
            }
            return 0;
        }
        if (text != null || textColumn != null) {
            throw new Failure("--text, --text-column: %s is a flow, which knows no texts".formatted(model.model));
        }
        try (JetModel flow = JetModel.open(model.model, doubles)) {
            if (data != null) {
                DataConfig config = DataConfig.of(data);
                Output.metrics(spec, flow.evaluate(examples(config), batch, draws, seed, config.load()), json);
                return 0;
            }
            requireUnconditional(flow, model.model);
            pictures(
                    some -> Arrays.stream(flow.bits(some, draws, seed))
                            .mapToObj(Likelihood::withoutText)
                            .toList(),
                    0);
        }
        return 0;
    }

    private void ofJetFormer(JetFormerModel opened) {
        var likelihood = new JetFormerLikelihood(opened, draws, seed);
        if (data != null) {
            if (text != null) {
                throw new Failure("--text: the pictures of a data set have texts of their own");
            }
            DataConfig config = DataConfig.of(data);
            Output.metrics(spec, likelihood.evaluate(examples(config), textColumn, batch, config.load()), json);
            return;
        }
        String its = text;
        pictures(
                some -> its == null
                        ? Arrays.stream(likelihood.bits(some))
                                .mapToObj(Likelihood::withoutText)
                                .toList()
                        : likelihood.of(some, Collections.nCopies(some.size(), its)),
                opened.config().subPixels());
    }

    private static JetFormerLikelihood.Cost withoutText(double bits) {
        return new JetFormerLikelihood.Cost(bits, null, 0, null);
    }

    private ImageDataset examples(DataConfig config) {
        return Datasets.openEval(split == null ? config : config.withEvalSplit(split));
    }

    /** @param subPixels values of a picture, to say its nats; 0 leaves them out */
    private void pictures(Costs costs, long subPixels) {
        PrintWriter out = Output.of(spec);
        List<Path> files = Pictures.files(images);
        double[] known = reference.isEmpty() ? new double[0] : bits(all(costs, Pictures.files(reference)));
        List<JetFormerLikelihood.Cost> found = all(costs, files);
        var lines = new ArrayList<Line>();
        for (int i = 0; i < files.size(); i++) {
            JetFormerLikelihood.Cost cost = found.get(i);
            double own = cost.bits();
            Double nats = cost.nats();
            lines.add(new Line(
                    files.get(i).toString(),
                    own,
                    known.length == 0
                            ? null
                            : (double) Arrays.stream(known)
                                            .filter(x -> x >= own)
                                            .count()
                                    / known.length,
                    subPixels == 0 ? null : own * subPixels * Math.log(2),
                    nats,
                    nats == null ? null : nats * cost.tokens(),
                    cost.loss()));
        }
        lines.sort(Comparator.comparingDouble((Line line) -> -line.bitsPerDim));
        lines.forEach(line -> print(out, line));
        if (!json && found.size() > 1) {
            histogram(out, bits(found));
        }
    }

    private static double[] bits(List<JetFormerLikelihood.Cost> costs) {
        return costs.stream().mapToDouble(JetFormerLikelihood.Cost::bits).toArray();
    }

    private static List<JetFormerLikelihood.Cost> all(Costs costs, List<Path> files) {
        var all = new ArrayList<JetFormerLikelihood.Cost>();
        Pictures.inBatches(files, (_, pictures) -> all.addAll(costs.of(pictures)));
        return all;
    }

    /** A picture alone has no class. */
    static void requireUnconditional(JetModel flow, Path model) {
        if (flow.config().contextWidth() > 0) {
            throw new Failure("%s: is conditioned on classes, which pictures alone do not have".formatted(model));
        }
    }

    private void print(PrintWriter out, Line line) {
        if (json) {
            out.println(Output.json(line));
            return;
        }
        var columns = new ArrayList<String>();
        columns.add("%8.4f".formatted(line.bitsPerDim));
        if (line.textNatsPerToken != null) {
            columns.add("%8.4f".formatted(line.textNatsPerToken));
        }
        if (line.shareOfReferenceLessLikely != null) {
            columns.add("%5.1f%%".formatted(100 * line.shareOfReferenceLessLikely));
        }
        columns.add(line.image);
        out.println(String.join("  ", columns));
    }

    private static void histogram(PrintWriter out, double[] bits) {
        double least = Arrays.stream(bits).min().orElseThrow();
        double most = Arrays.stream(bits).max().orElseThrow();
        double bin = most > least ? (most - least) / BINS : 1;
        var counts = new int[BINS];
        for (double x : bits) {
            counts[Math.min(BINS - 1, (int) ((x - least) / bin))]++;
        }
        int highest = 1;
        for (int count : counts) {
            highest = Math.max(highest, count);
        }
        double mean = Arrays.stream(bits).average().orElseThrow();
        out.printf("%n%d pictures, mean %.4f bits a dimension%n", bits.length, mean);
        for (int i = 0; i < BINS; i++) {
            out.printf(
                    "%8.3f  %6d  %s%n",
                    least + i * bin, counts[i], "#".repeat(Math.ceilDiv(counts[i] * WIDEST, highest)));
        }
    }
}
