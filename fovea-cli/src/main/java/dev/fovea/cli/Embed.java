package dev.fovea.cli;

import dev.fovea.eval.PictureEncoder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Vectors of pictures. */
@Command(
        name = "embed",
        mixinStandardHelpOptions = true,
        description =
                "One vector a picture, one JSON object a line: what a classifier's head sees, or SigLIP's embedding.",
        footerHeading = "%nExamples:%n",
        footer = {"  fovea embed runs/quickstart pictures/ > vectors.jsonl"})
final class Embed implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "picture files, or folders of them")
    private List<Path> images = List.of();

    @Spec
    private @Nullable CommandSpec spec;

    record Line(String image, float[] embedding) {}

    @Override
    public Integer call() {
        PrintWriter out = Output.of(spec);
        List<Path> files = Pictures.files(images);
        try (PictureEncoder encoder = Encoders.open(model.model)) {
            Pictures.inBatches(files, (some, pictures) -> {
                float[][] vectors = encoder.encode(pictures);
                for (int i = 0; i < some.size(); i++) {
                    out.println(Output.json(new Line(some.get(i).toString(), vectors[i])));
                }
            });
        }
        return 0;
    }
}
