package dev.fovea.cli;

import dev.fovea.data.DataConfig;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.image.ImageGrid;
import dev.fovea.models.jet.JetModel;
import dev.fovea.models.jet.LatentEditing;
import dev.fovea.models.jet.LatentPart;
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

/** Pictures changed through their latents. */
@Command(
        name = "edit",
        mixinStandardHelpOptions = true,
        description = {
            "Change pictures through a flow's latents and write a row for each: the picture, then its changes.",
            "--with takes parts of the latent from another picture, --redraw draws them anew, --from and --to move it"
                    + " along the difference of the mean latents of two sets of pictures."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea edit runs/jet-fashion shirt.png --with boot.png --part top --share 0.25,0.5,0.75",
            "  fovea edit runs/jet-fashion pictures/ --redraw --part values --share 0.1,0.3,0.5",
            "  fovea edit runs/jet-fashion --data ../shared/data/fashion_mnist --from Shirt --to Dress --strength -1,1,2"
        })
final class Edit implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "IMAGE", description = "picture files, or folders of them")
    private List<Path> images = List.of();

    @Option(names = "--with", paramLabel = "IMAGE", description = "the picture that parts are taken from")
    private @Nullable Path other;

    @Option(names = "--redraw", description = "draw parts of the latent from the prior")
    private boolean redraw;

    @Option(
            names = "--part",
            defaultValue = "left",
            paramLabel = "PART",
            description =
                    "what of a latent: ${COMPLETION-CANDIDATES}; left and top are places, channels the first values"
                            + " of each token, tokens and values are chosen by chance (${DEFAULT-VALUE})")
    private LatentPart part = LatentPart.LEFT;

    @Option(
            names = "--share",
            split = ",",
            defaultValue = "0.25,0.5,0.75",
            paramLabel = "X",
            description = "how much of it, a picture each (${DEFAULT-VALUE})")
    private List<Double> shares = List.of();

    @Option(names = "--from", paramLabel = "SET", description = "a folder of pictures; the name of a class with --data")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "SET", description = "likewise")
    private @Nullable String to;

    @Option(
            names = "--strength",
            split = ",",
            defaultValue = "-1,0.5,1,2",
            paramLabel = "X",
            description = "steps along the difference, a picture each (${DEFAULT-VALUE})")
    private List<Double> strengths = List.of();

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "labelled pictures of the two sets; without IMAGE the first of --from are changed")
    private @Nullable Path data;

    @Option(names = "--limit", defaultValue = "500", paramLabel = "N", description = "pictures of a class at most")
    private int limit;

    @Option(
            names = "--count",
            defaultValue = "6",
            paramLabel = "N",
            description = "pictures that are changed where none is named")
    private int count;

    @Option(names = "--temperature", defaultValue = "1", paramLabel = "T", description = "of what is drawn anew")
    private double temperature;

    @Option(names = "--seed", defaultValue = "0", paramLabel = "N", description = "of all draws")
    private long seed;

    @Option(names = "--out", defaultValue = "edited.png", paramLabel = "FILE", description = "the grid, a PNG file")
    private Path out = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        boolean along = from != null && to != null;
        if ((other == null ? 0 : 1) + (redraw ? 1 : 0) + (along ? 1 : 0) != 1) {
            throw new Failure("wanted one of --with, --redraw, and --from with --to");
        }
        if (images.isEmpty() && !(along && data != null)) {
            throw new Failure("wanted pictures to change");
        }
        try (JetModel flow = JetModel.open(model.model)) {
            Likelihood.requireUnconditional(flow, model.model);
            var editing = new LatentEditing(flow);
            var grid = new ArrayList<Image>();
            int columns = along ? along(editing, grid) : parts(editing, grid);
            PngFile.write(out, ImageGrid.of(grid, columns));
        }
        Output.of(spec).println(out);
        return 0;
    }

    private int parts(LatentEditing editing, List<Image> grid) {
        Image source = other == null ? null : ImageDecoder.read(other);
        for (Path file : Pictures.files(images)) {
            Image image = ImageDecoder.read(file);
            grid.addAll(editing.model().seen(List.of(image)));
            if (source == null) {
                grid.addAll(editing.redraw(image, part, shares, temperature, seed));
            } else {
                grid.addAll(editing.mix(image, source, part, shares, seed));
                grid.addAll(editing.model().seen(List.of(source)));
            }
        }
        return shares.size() + (source == null ? 1 : 2);
    }

    private int along(LatentEditing editing, List<Image> grid) {
        List<Image> first = set(from);
        LatentEditing.Direction direction = editing.direction(first, set(to));
        List<Image> changed =
                images.isEmpty() ? first.subList(0, Math.min(count, first.size())) : read(Pictures.files(images));
        for (Image image : changed) {
            grid.addAll(editing.model().seen(List.of(image)));
            grid.addAll(editing.along(image, direction, strengths));
        }
        return strengths.size() + 1;
    }

    private List<Image> set(@Nullable String name) {
        String wanted = String.valueOf(name);
        if (data == null) {
            return read(Pictures.files(List.of(Path.of(wanted))));
        }
        ImageDataset all = Datasets.openEval(DataConfig.of(data));
        int label = all.classNames().indexOf(wanted);
        if (label < 0) {
            throw new Failure("%s: no class %s; it has %s".formatted(data, wanted, all.classNames()));
        }
        var found = new ArrayList<Image>();
        for (long i = 0; i < all.size() && found.size() < limit; i++) {
            if (all.label(i) == label) {
                found.add(all.get(i).image());
            }
        }
        return found;
    }

    private static List<Image> read(List<Path> files) {
        return files.stream().map(ImageDecoder::read).toList();
    }
}
