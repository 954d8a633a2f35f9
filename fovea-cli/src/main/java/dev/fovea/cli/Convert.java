package dev.fovea.cli;

import dev.fovea.models.classifier.Classifier;
import dev.fovea.models.gemma.PackedFolder;
import dev.fovea.models.gemma.WeightFormat;
import dev.fovea.models.siglip.SiglipModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A model in another layout. */
@Command(
        name = "convert",
        mixinStandardHelpOptions = true,
        description = {
            "Write a model in another layout: Fovea's own, or one that Hugging Face transformers reads.",
            "With --weights a Gemma 3 folder becomes one of packed weights, which are mapped and not read."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea convert ViT-B_16.npz vit-b16/",
            "  fovea convert runs/mine hf-vit/ --to huggingface",
            "  fovea convert gemma-3-1b-it gemma-3-1b-it-int4 --weights int4"
        })
final class Convert implements Callable<Integer> {

    enum Layout {
        FOVEA,
        HUGGINGFACE
    }

    @Mixin
    private ModelOption model = new ModelOption();

    @Parameters(index = "1", paramLabel = "DIR", description = "folder to write, which must not exist or be empty")
    private Path target = Path.of("");

    @Option(names = "--to", defaultValue = "fovea", description = "layout: ${COMPLETION-CANDIDATES}")
    private Layout layout = Layout.FOVEA;

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            description = "of a Gemma 3: pack its weights as int8, int4 or bf16")
    private @Nullable WeightFormat weights;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (Files.exists(target.resolve("model.safetensors"))) {
            throw new Failure(target + ": holds a model already; nothing was written");
        }
        if (weights != null) {
            PackedFolder.write(model.model, target, weights);
            Output.err(spec).printf("%s: %s weights%n", target, weights.label());
            return 0;
        }
        if (SiglipModel.isSiglip(model.model)) {
            return towers();
        }
        try (Classifier classifier = Classifier.open(model.model)) {
            switch (layout) {
                case FOVEA -> classifier.save(target);
                case HUGGINGFACE -> classifier.saveHuggingFace(target);
            }
            Output.err(spec).printf("%s: %,d parameters%n", target, classifier.parameters());
        }
        return 0;
    }

    private int towers() {
        if (layout != Layout.HUGGINGFACE) {
            throw new Failure("--to %s: SigLIP models are written for huggingface only".formatted(layout));
        }
        try (SiglipModel towers = SiglipModel.open(model.model)) {
            towers.saveHuggingFace(target);
            Output.err(spec).printf("%s: %,d parameters%n", target, towers.parameters());
        }
        return 0;
    }
}
