package dev.fovea.cli;

import dev.fovea.image.ImageGrid;
import dev.fovea.models.jet.SampleGrids;
import dev.fovea.models.jetformer.JetFormerModel;
import dev.fovea.models.jetformer.Temperatures;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Pictures from a text. */
@Command(
        name = "generate-image",
        mixinStandardHelpOptions = true,
        description = "Draw pictures for a text, or for a class by its name, and write them as one grid.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea generate-image runs/jetformer-drawn \"a large red circle at the top left\"",
            "  fovea generate-image runs/jetformer-fashion sneaker --count 16 --guidance 3 --temperature 0.9"
        })
final class GenerateImage implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "MODEL", description = "a run or model folder of a JetFormer")
    private Path model = Path.of("");

    @Parameters(index = "1", paramLabel = "TEXT", description = "what is to be seen")
    private String text = "";

    @Option(names = "--count", defaultValue = "4", paramLabel = "N", description = "number of pictures")
    private int count;

    @Option(
            names = "--guidance",
            defaultValue = "2",
            paramLabel = "W",
            description = "how far towards what sets the text's pictures apart; 0 for none")
    private double guidance;

    @Option(
            names = "--temperature",
            defaultValue = "0.95",
            paramLabel = "T",
            description = "factor of standard deviations")
    private double temperature;

    @Option(
            names = "--weight-temperature",
            defaultValue = "1",
            paramLabel = "T",
            description = "factor of mixture logits; above 1 for the likeliest components")
    private double weightTemperature;

    @Option(names = "--seed", defaultValue = "0", paramLabel = "N", description = "of all draws")
    private long seed;

    @Option(names = "--out", defaultValue = "generated.png", paramLabel = "FILE", description = "the grid, a PNG file")
    private Path out = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (count < 1) {
            throw new Failure("--count: found %d, wanted at least 1".formatted(count));
        }
        try (JetFormerModel opened = JetFormerModel.open(model)) {
            var pictures = opened.generate(
                    Collections.nCopies(count, text), guidance, new Temperatures(temperature, weightTemperature), seed);
            PngFile.write(out, ImageGrid.of(pictures, SampleGrids.columns(count)));
        }
        Output.of(spec).println(out);
        return 0;
    }
}
