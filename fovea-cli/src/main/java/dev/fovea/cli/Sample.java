package dev.fovea.cli;

import dev.fovea.image.ImageGrid;
import dev.fovea.models.jet.JetModel;
import dev.fovea.models.jet.SampleGrids;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Pictures from noise. */
@Command(
        name = "sample",
        mixinStandardHelpOptions = true,
        description = "Draw pictures from a flow and write them as one grid.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea sample runs/jet-fashion",
            "  fovea sample runs/jet-fashion --count 64 --temperature 0.8 --seed 3 --out cooler.png"
        })
final class Sample implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Option(names = "--count", defaultValue = "36", paramLabel = "N", description = "number of pictures")
    private int count;

    @Option(
            names = "--temperature",
            defaultValue = "1",
            paramLabel = "T",
            description = "standard deviation of the noise; below 1 for likelier pictures")
    private double temperature;

    @Option(names = "--seed", defaultValue = "0", paramLabel = "N", description = "of the noise")
    private long seed;

    @Option(names = "--out", defaultValue = "samples.png", paramLabel = "FILE", description = "the grid, a PNG file")
    private Path out = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (count < 1 || !(temperature >= 0)) {
            throw new Failure("--count %d, --temperature %s: wanted at least 1 and 0".formatted(count, temperature));
        }
        try (JetModel flow = JetModel.open(model.model)) {
            PngFile.write(out, ImageGrid.of(flow.sample(count, temperature, seed), SampleGrids.columns(count)));
        }
        Output.of(spec).println(out);
        return 0;
    }
}
