package dev.fovea.cli;

import dev.fovea.image.ImageDecoder;
import dev.fovea.image.ImageGrid;
import dev.fovea.models.jet.JetModel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The pictures between two pictures. */
@Command(
        name = "interpolate",
        mixinStandardHelpOptions = true,
        description = "Walk between the latents of two pictures and write what lies on the way as one row.",
        footerHeading = "%nExamples:%n",
        footer = {"  fovea interpolate runs/jet-fashion shirt.png boot.png --steps 9 --out way.png"})
final class Interpolate implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Parameters(index = "1", paramLabel = "FROM", description = "a picture file")
    private Path from = Path.of("");

    @Parameters(index = "2", paramLabel = "TO", description = "a picture file")
    private Path to = Path.of("");

    @Option(names = "--steps", defaultValue = "8", paramLabel = "N", description = "pictures, both ends included")
    private int steps;

    @Option(names = "--out", defaultValue = "interpolation.png", paramLabel = "FILE", description = "a PNG file")
    private Path out = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        try (JetModel flow = JetModel.open(model.model)) {
            Likelihood.requireUnconditional(flow, model.model);
            PngFile.write(
                    out, ImageGrid.of(flow.interpolate(ImageDecoder.read(from), ImageDecoder.read(to), steps), steps));
        }
        Output.of(spec).println(out);
        return 0;
    }
}
