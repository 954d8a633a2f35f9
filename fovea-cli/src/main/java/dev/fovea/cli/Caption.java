package dev.fovea.cli;

import dev.fovea.models.jetformer.JetFormerModel;
import dev.fovea.models.jetformer.Vocabulary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Texts from pictures. */
@Command(
        name = "caption",
        mixinStandardHelpOptions = true,
        description = "Say in words what pictures show, or which of given texts fits best.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea caption runs/jetformer-drawn picture.png",
            "  fovea caption runs/jetformer-drawn pictures/ --among \"a red circle\" --among \"a blue square\" --json"
        })
final class Caption implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "MODEL", description = "a run or model folder of a JetFormer")
    private Path model = Path.of("");

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "picture files, or folders of them")
    private List<Path> images = List.of();

    @Option(
            names = "--among",
            paramLabel = "TEXT",
            description = "choose the likeliest of these texts instead of writing one; give the option several times")
    private List<String> among = List.of();

    @Option(
            names = "--temperature",
            defaultValue = "0",
            paramLabel = "T",
            description = "0 for the likeliest token at each step")
    private double temperature;

    @Option(
            names = "--top-k",
            defaultValue = "0",
            paramLabel = "K",
            description = "draw among so many tokens; 0 for all")
    private int topK;

    @Option(names = "--seed", defaultValue = "0", paramLabel = "N", description = "of all draws")
    private long seed;

    @Option(names = "--json", description = "one JSON object a picture")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    record Line(String image, String caption, @Nullable Double logLikelihood) {}

    @Override
    public Integer call() {
        PrintWriter out = Output.of(spec);
        try (JetFormerModel opened = JetFormerModel.open(model)) {
            if (among.isEmpty() && opened.vocabulary().kind() == Vocabulary.Kind.CLASSES) {
                throw new Failure("%s: draws classes and writes no texts; name texts with --among".formatted(model));
            }
            Pictures.inBatches(Pictures.files(images), (files, pictures) -> {
                List<String> texts = among.isEmpty() ? opened.caption(pictures, temperature, topK, seed) : List.of();
                double[][] scores = among.isEmpty() ? new double[0][] : opened.scores(pictures, among, seed);
                for (int i = 0; i < files.size(); i++) {
                    String file = files.get(i).toString();
                    print(out, among.isEmpty() ? new Line(file, texts.get(i), null) : best(file, scores[i]));
                }
            });
        }
        return 0;
    }

    private Line best(String file, double[] scores) {
        int best = 0;
        for (int k = 1; k < scores.length; k++) {
            if (scores[k] > scores[best]) {
                best = k;
            }
        }
        return new Line(file, among.get(best), scores[best]);
    }

    private void print(PrintWriter out, Line line) {
        if (json) {
            out.println(Output.json(line));
        } else {
            out.printf("%s  %s%n", line.image, line.caption);
        }
    }
}
