package dev.fovea.cli;

import dev.fovea.data.drawn.DrawnConfig;
import dev.fovea.data.drawn.DrawnDataset;
import dev.fovea.data.drawn.DrawnFiles;
import dev.fovea.data.drawn.DrawnFiles.Lines;
import dev.fovea.data.drawn.Task;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The drawn data set as files. */
@Command(
        name = "draw",
        mixinStandardHelpOptions = true,
        description = "Draw a data set of figures: a folder a class, or JSON lines of captions, questions or boxes.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea draw data/shapes --task shape --count 8000 --test 1000",
            "  fovea draw data/captions --task count --as caption --size 64"
        })
final class Draw implements Callable<Integer> {

    /** In which files. */
    enum Format {
        FOLDERS,
        CAPTION,
        QUESTION,
        DETECT,
        COCO
    }

    @Parameters(index = "0", paramLabel = "DIR", description = "folder to write")
    private Path folder = Path.of("");

    @Option(
            names = "--task",
            defaultValue = "shape",
            paramLabel = "NAME",
            description = "what the classes are: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    private Task task = Task.SHAPE;

    @Option(
            names = "--as",
            defaultValue = "folders",
            paramLabel = "NAME",
            description = "files: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    private Format format = Format.FOLDERS;

    @Option(
            names = "--count",
            defaultValue = "8000",
            paramLabel = "N",
            description = "training pictures (${DEFAULT-VALUE})")
    private long count;

    @Option(names = "--test", defaultValue = "1000", paramLabel = "N", description = "test pictures (${DEFAULT-VALUE})")
    private long test;

    @Option(names = "--size", defaultValue = "32", paramLabel = "N", description = "side in pixels (${DEFAULT-VALUE})")
    private int size;

    @Option(names = "--seed", defaultValue = "0", paramLabel = "N", description = "another seed, other pictures")
    private long seed;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        DrawnConfig train = new DrawnConfig(
                task, size, count, seed, 0, DrawnConfig.of(task, count, seed).most(), 0.03, 1);
        write(train, "train");
        write(train.next(test), "test");
        Output.err(spec).printf("%s: %,d training and %,d test pictures%n", folder, count, test);
        return 0;
    }

    private void write(DrawnConfig config, String split) {
        var data = new DrawnDataset(config);
        switch (format) {
            case FOLDERS -> DrawnFiles.imageFolder(data, folder.resolve(split));
            case CAPTION -> DrawnFiles.jsonl(data, folder, split, Lines.CAPTION);
            case QUESTION -> DrawnFiles.jsonl(data, folder, split, Lines.QUESTION);
            case DETECT -> DrawnFiles.jsonl(data, folder, split, Lines.DETECT);
            case COCO -> DrawnFiles.coco(data, folder, split);
        }
    }
}
