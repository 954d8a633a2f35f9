package dev.fovea.cli;

import dev.fovea.models.classifier.Classifier;
import dev.fovea.models.classifier.Prediction;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Classes of pictures. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description = "Say what pictures show, with probabilities.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea predict runs/quickstart picture.png",
            "  fovea predict runs/quickstart pictures/ --top 3 --json"
        })
final class Predict implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "picture files, or folders of them")
    private List<Path> images = List.of();

    @Option(names = "--top", defaultValue = "1", paramLabel = "N", description = "so many classes a picture")
    private int top;

    @Option(names = "--json", description = "one JSON object a picture")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    record Line(String image, List<Prediction> predictions) {}

    @Override
    public Integer call() {
        PrintWriter out = Output.of(spec);
        List<Path> files = Pictures.files(images);
        try (Classifier classifier = Classifier.open(model.model)) {
            Pictures.inBatches(files, (some, pictures) -> {
                List<List<Prediction>> all = classifier.predict(pictures, top);
                for (int i = 0; i < some.size(); i++) {
                    print(out, some.get(i), all.get(i));
                }
            });
        }
        return 0;
    }

    private void print(PrintWriter out, Path file, List<Prediction> predictions) {
        if (json) {
            out.println(Output.json(new Line(file.toString(), predictions)));
        } else {
            for (Prediction p : predictions) {
                out.printf("%s  %5.1f%%  %s%n", file, 100 * p.probability(), p.label());
            }
        }
    }
}
