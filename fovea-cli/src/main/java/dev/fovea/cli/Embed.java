package dev.fovea.cli;

import dev.fovea.eval.PictureEncoder;
import dev.fovea.models.gemma.GemmaTextEmbedder;
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

/** Vectors of pictures, or of texts. */
@Command(
        name = "embed",
        mixinStandardHelpOptions = true,
        description =
                "One vector a picture, one JSON object a line: what a classifier's head sees, or SigLIP's embedding."
                        + " With --text one vector a text, of a text encoder made of Gemma 3.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea embed runs/quickstart pictures/ > vectors.jsonl",
            "  fovea embed embeddinggemma-300m --text \"a red boat\" \"a ship\""
        })
final class Embed implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "IMAGE", description = "picture files, or folders of them")
    private List<Path> images = List.of();

    @Option(names = "--text", arity = "1..*", paramLabel = "TEXT", description = "texts in place of pictures")
    private List<String> texts = List.of();

    @Spec
    private @Nullable CommandSpec spec;

    record Line(String image, float[] embedding) {}

    record TextLine(String text, float[] embedding) {}

    @Override
    public Integer call() {
        PrintWriter out = Output.of(spec);
        if (images.isEmpty() == texts.isEmpty()) {
            throw new Failure(
                    "found %d pictures and %d texts, wanted one or the other".formatted(images.size(), texts.size()));
        }
        if (!texts.isEmpty()) {
            try (var embedder = GemmaTextEmbedder.open(model.model)) {
                texts.forEach(text -> out.println(Output.json(new TextLine(text, embedder.embed(text)))));
            }
            return 0;
        }
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
