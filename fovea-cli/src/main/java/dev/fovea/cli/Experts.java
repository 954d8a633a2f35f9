package dev.fovea.cli;

import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.image.ImageEncoder;
import dev.fovea.models.classifier.Classifier;
import dev.fovea.models.classifier.ExpertMaps;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the experts of a V-MoE saw. */
@Command(
        name = "experts",
        mixinStandardHelpOptions = true,
        description = "Load of each expert by layer, and which expert saw which patch, drawn over the pictures.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea experts runs/vmoe_k2 pictures/ --out experts",
            "  fovea experts runs/vmoe_k2 picture.png --out experts --capacity 0.2 --routing priority"
        })
final class Experts implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "picture files, or folders of them")
    private List<Path> images = List.of();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder of the page and its pictures")
    private Path out = Path.of("");

    @Mixin
    private RoutingOptions routing = new RoutingOptions();

    @Option(names = "--json", description = "the loads as one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        List<Path> files = Pictures.files(images);
        List<Image> pictures = files.stream().map(ImageDecoder::read).toList();
        try (Classifier classifier = Classifier.open(model.model)) {
            ExpertMaps maps = ExpertMaps.of(routing.applied(classifier), pictures);
            List<String> names = files.stream()
                    .map(file -> String.valueOf(file.getFileName()))
                    .toList();
            write(maps, names);
            print(maps);
        }
        return 0;
    }

    private void write(ExpertMaps maps, List<String> names) {
        try {
            Files.createDirectories(out);
            for (int i = 0; i < names.size(); i++) {
                String stem = "%03d_%s".formatted(i, names.get(i).replaceAll("\\.[^.]*$", ""));
                for (var map : maps.pictures().get(i).entrySet()) {
                    Files.write(
                            out.resolve("%s_block%02d.png".formatted(stem, map.getKey())),
                            ImageEncoder.png(map.getValue()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(out, e.getMessage()), e);
        }
        maps.page("Experts of " + model.model.getFileName(), names).write(out.resolve("experts.html"));
    }

    private void print(ExpertMaps maps) {
        PrintWriter lines = Output.of(spec);
        if (json) {
            lines.println(Output.json(maps.usage()));
            return;
        }
        var rows = new ArrayList<List<String>>();
        rows.add(ExpertMaps.HEADER);
        rows.addAll(maps.load());
        rows.forEach(row ->
                lines.printf("%6s %8s %8s %9s  %s%n", row.get(0), row.get(1), row.get(2), row.get(3), row.get(4)));
        lines.println("page " + out.resolve("experts.html").toAbsolutePath().normalize());
    }
}
