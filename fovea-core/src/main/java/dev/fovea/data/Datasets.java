package dev.fovea.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Data sets from a {@link DataConfig}. */
public final class Datasets {

    private static final long MIB = 1 << 20;

    private Datasets() {}

    /** The part to train on, {@link DataConfig#split}, without what is held out for evaluation. */
    public static ImageDataset open(DataConfig config) {
        Sources sources = Sources.find(config.path(), config.format());
        return finished(config, part(config, sources, config.split(), evalSplit(config, sources)));
    }

    /** The part to evaluate on: {@link DataConfig#evalSplit}, or what is chosen in its absence. */
    public static ImageDataset openEval(DataConfig config) {
        Sources sources = Sources.find(config.path(), config.format());
        String eval = evalSplit(config, sources);
        return finished(config, part(config, sources, eval, eval));
    }

    /** The parts that lie at the path: {@code train}, {@code validation}, {@code test}, or {@code all} where it is not split. */
    public static List<String> splits(Path path) {
        return List.copyOf(Sources.find(path, DataFormat.AUTO).splits().keySet());
    }

    /** The name of the part that {@link #openEval} opens, {@code validation} where it is held out. */
    public static String evalSplit(DataConfig config) {
        return evalSplit(config, Sources.find(config.path(), config.format()));
    }

    /** The shards of the part to train on, for a stream. Nothing can be held out of a stream. */
    public static Shards<ImageExample> stream(DataConfig config) {
        Sources sources = Sources.find(config.path(), config.format());
        String split = config.split();
        if (!sources.splits().containsKey(split) && sources.splits().containsKey(Sources.ALL)) {
            split = Sources.ALL;
        }
        List<Path> files = files(config, sources, split);
        return switch (sources.format()) {
            case PARQUET -> new ParquetShards(files, config.imageColumn(), config.labelColumn());
            case WEBDATASET -> {
                int classes = sources.classNames("classes.txt", "labels.txt").size();
                String label = Objects.requireNonNullElse(config.labelColumn(), "cls");
                yield new WebShards(files).map(s -> WebImages.example(s, config.imageColumn(), label, classes));
            }
            default ->
                throw new IllegalArgumentException("%s: streaming reads PARQUET and WEBDATASET, this is %s"
                        .formatted(config.path(), sources.format()));
        };
    }

    private static String evalSplit(DataConfig config, Sources sources) {
        String named = config.evalSplit();
        if (named != null) {
            return named;
        }
        return sources.splits().containsKey("validation") || !sources.splits().containsKey("test")
                ? "validation"
                : "test";
    }

    private static ImageDataset part(DataConfig config, Sources sources, String split, String eval) {
        boolean heldOut = eval.equals("validation") && !sources.splits().containsKey("validation");
        boolean whole = sources.splits().containsKey(split);
        String from = sources.splits().containsKey("train") ? "train" : Sources.ALL;
        if (heldOut && (split.equals("validation") || split.equals("train"))) {
            ImageDataset all = limited(config, read(config, sources, from));
            HoldOut parts = HoldOut.of(all, config.holdOut(), config.holdOutSeed());
            return split.equals("validation") ? parts.heldOut() : parts.rest();
        }
        if (!whole && split.equals("train") && from.equals(Sources.ALL)) {
            return limited(config, read(config, sources, from));
        }
        return limited(config, read(config, sources, split));
    }

    private static ImageDataset read(DataConfig config, Sources sources, String split) {
        List<Path> files = files(config, sources, split);
        String label = config.labelColumn();
        return switch (sources.format()) {
            case AUTO -> throw new IllegalStateException("format not chosen");
            case FOLDER ->
                Concatenated.of(
                        files.stream().map(f -> folder(config, sources, f)).toList());
            case IDX -> Concatenated.of(files.stream().map(f -> idx(f, sources)).toList());
            case CIFAR10 ->
                CifarImages.read(
                        files, CifarImages.Layout.CIFAR10, sources.classNames("batches.meta.txt", "labels.txt"));
            case CIFAR100 -> cifar100(files, sources, label);
            case PARQUET -> ParquetImages.read(files, config.imageColumn(), label, config.memoryLimitMb() * MIB);
            case WEBDATASET ->
                new WebImages(
                        WebDataset.open(files, config.memoryLimitMb() * MIB),
                        config.imageColumn(),
                        Objects.requireNonNullElse(label, "cls"),
                        sources.classNames("classes.txt", "labels.txt"));
            case JSONL ->
                TableImages.read(
                        files,
                        config.imageColumn(),
                        Objects.requireNonNullElse(label, "label"),
                        sources.classNames("classes.txt", "labels.txt"));
        };
    }

    private static ImageDataset folder(DataConfig config, Sources sources, Path folder) {
        for (String table : List.of("metadata.jsonl", "metadata.csv")) {
            if (Files.isRegularFile(folder.resolve(table))) {
                return TableImages.read(
                        List.of(folder.resolve(table)),
                        config.imageColumn(),
                        Objects.requireNonNullElse(config.labelColumn(), "label"),
                        sources.classNames("classes.txt", "labels.txt"));
            }
        }
        return ClassFolders.read(folder, classFolders(sources));
    }

    /** The classes of all splits together, so that a class without a picture in one of them does not shift the numbers. */
    private static List<String> classFolders(Sources sources) {
        return sources.splits().values().stream()
                .flatMap(folders -> ClassFolders.classes(folders.getFirst()).stream())
                .map(DataFiles::name)
                .distinct()
                .sorted()
                .toList();
    }

    private static ImageDataset cifar100(List<Path> files, Sources sources, @Nullable String label) {
        return switch (Objects.requireNonNullElse(label, "fine_label")) {
            case "fine_label" ->
                CifarImages.read(files, CifarImages.Layout.CIFAR100_FINE, sources.classNames("fine_label_names.txt"));
            case "coarse_label" ->
                CifarImages.read(
                        files, CifarImages.Layout.CIFAR100_COARSE, sources.classNames("coarse_label_names.txt"));
            default ->
                throw new IllegalArgumentException(
                        "labelColumn: CIFAR-100 has fine_label and coarse_label, found " + label);
        };
    }

    private static ImageDataset idx(Path images, Sources sources) {
        return IdxImages.read(images, labels(images), sources.classNames("labels.txt", "classes.txt"));
    }

    private static Path labels(Path images) {
        String name = DataFiles.name(images).replaceAll("images([-.])idx3", "labels$1idx1");
        Path plain = images.resolveSibling(name.replaceAll("\\.gz$", ""));
        return Files.exists(plain) ? plain : images.resolveSibling(plain.getFileName() + ".gz");
    }

    private static List<Path> files(DataConfig config, Sources sources, String split) {
        if (split.equals(Sources.ALL)) {
            return sources.splits().values().stream().flatMap(List::stream).toList();
        }
        List<Path> files = sources.splits().get(split);
        if (files == null) {
            throw new IllegalArgumentException("%s: no split %s; it has %s"
                    .formatted(config.path(), split, sources.splits().keySet()));
        }
        return files;
    }

    private static ImageDataset limited(DataConfig config, ImageDataset data) {
        Long limit = config.limit();
        return limit == null ? data : data.first(limit);
    }

    private static ImageDataset finished(DataConfig config, ImageDataset data) {
        if (data.size() == 0) {
            throw DataFiles.broken(config.path(), "no examples in it");
        }
        return config.cacheMb() == 0 ? data : ImageCache.of(data, config.cacheMb() * MIB);
    }
}
