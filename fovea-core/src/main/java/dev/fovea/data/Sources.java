package dev.fovea.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What lies at a path: the format, and the files (or the folder) of each split.
 *
 * @param root the folder in which files with class names are looked for
 */
record Sources(DataFormat format, Path root, SequencedMap<String, List<Path>> splits) {

    /** The name of the only part of data that is not split. */
    static final String ALL = "all";

    private static final Pattern SPLIT_NAME =
            Pattern.compile("(train|training|validation|valid|val|dev|test|testing|t10k)(?![a-z]).*", Pattern.DOTALL);

    static Sources find(Path path, DataFormat wanted) {
        String text = path.toString();
        if (text.contains("{")) {
            List<Path> shards = Braces.expand(text).stream().map(Path::of).toList();
            for (Path shard : shards) {
                if (!Files.isRegularFile(shard)) {
                    throw DataFiles.broken(path, "no file %s, which the pattern names".formatted(shard));
                }
            }
            return one(
                    wanted == DataFormat.AUTO ? ofFile(shards.getFirst()) : wanted, folder(shards.getFirst()), shards);
        }
        if (!Files.exists(path)) {
            throw DataFiles.broken(path, "no such file or folder");
        }
        if (Files.isDirectory(path)) {
            return inFolder(path, wanted);
        }
        return one(wanted == DataFormat.AUTO ? ofFile(path) : wanted, folder(path), List.of(path));
    }

    /** The file of class names beside the data, one a line, or none. */
    List<String> classNames(String... fileNames) {
        for (String name : fileNames) {
            Path file = root.resolve(name);
            if (Files.isRegularFile(file)) {
                return DataFiles.lines(file).stream()
                        .filter(line -> !line.isBlank())
                        .toList();
            }
        }
        return List.of();
    }

    private static Sources inFolder(Path folder, DataFormat wanted) {
        List<Sources> found = new ArrayList<>();
        for (DataFormat format : DataFormat.values()) {
            if (wanted == format || (wanted == DataFormat.AUTO && format != DataFormat.AUTO)) {
                var splits = splits(folder, format);
                if (!splits.isEmpty()) {
                    found.add(new Sources(format, folder, splits));
                }
            }
        }
        if (found.size() > 1) {
            // Pictures beside the table that names them are not a second data set.
            found.removeIf(s -> s.format == DataFormat.FOLDER);
        }
        if (found.size() > 1) {
            throw DataFiles.broken(
                    folder,
                    "holds data in several formats, %s; say which as format"
                            .formatted(found.stream().map(Sources::format).toList()));
        }
        if (found.isEmpty()) {
            throw DataFiles.broken(
                    folder,
                    (wanted == DataFormat.AUTO ? "no data in it" : "no data of format " + wanted + " in it")
                            + "; wanted class/picture.jpg, *.parquet, *.tar, *.jsonl, idx or CIFAR files");
        }
        return found.getFirst();
    }

    private static SequencedMap<String, List<Path>> splits(Path folder, DataFormat format) {
        return switch (format) {
            case AUTO -> new LinkedHashMap<>();
            case FOLDER -> folders(folder);
            case IDX -> files(folder, name -> name.matches(".*images[-.]idx3-ubyte(\\.gz)?"));
            case CIFAR10 -> files(folder, name -> name.matches("(data_batch(_[0-9]+)?|test_batch)\\.bin"));
            case CIFAR100 -> files(folder, name -> name.matches("(train|test)\\.bin"));
            case PARQUET -> {
                var here = files(folder, name -> name.endsWith(".parquet"));
                Path inner = folder.resolve("data");
                yield here.isEmpty() && Files.isDirectory(inner)
                        ? files(inner, name -> name.endsWith(".parquet"))
                        : here;
            }
            case WEBDATASET -> files(folder, name -> name.matches(".*\\.(tar|tar\\.gz|tgz)"));
            case JSONL -> files(folder, name -> name.endsWith(".jsonl") && !name.equals("metadata.jsonl"));
        };
    }

    private static SequencedMap<String, List<Path>> folders(Path folder) {
        var splits = new LinkedHashMap<String, List<Path>>();
        boolean onlySplits = true;
        for (Path dir : DataFiles.list(folder)) {
            if (!Files.isDirectory(dir)) {
                continue;
            }
            boolean pictures = ClassFolders.holdsImages(dir);
            boolean split = SPLIT_NAME.matcher(DataFiles.name(dir)).matches();
            if (split && (pictures || isFolderData(dir))) {
                splits.put(splitOf(DataFiles.name(dir)), List.of(dir));
            } else {
                onlySplits &= !pictures;
            }
        }
        boolean classes = splits.values().stream().noneMatch(dirs -> isFolderData(dirs.getFirst()));
        if (splits.isEmpty() || (classes && !onlySplits)) {
            // Folders of pictures named train or test beside others: a train is a class too.
            splits.clear();
            if (isFolderData(folder) || ClassFolders.holdsImages(folder)) {
                splits.put(ALL, List.of(folder));
            }
        }
        return splits;
    }

    private static boolean isFolderData(Path folder) {
        return Files.isRegularFile(folder.resolve("metadata.jsonl"))
                || Files.isRegularFile(folder.resolve("metadata.csv"))
                || !ClassFolders.classes(folder).isEmpty();
    }

    private static SequencedMap<String, List<Path>> files(Path folder, Predicate<String> fits) {
        var splits = new LinkedHashMap<String, List<Path>>();
        for (Path file : DataFiles.list(folder)) {
            if (Files.isRegularFile(file) && fits.test(DataFiles.name(file))) {
                splits.computeIfAbsent(splitOf(DataFiles.name(file)), _ -> new ArrayList<>())
                        .add(file);
            }
        }
        return splits;
    }

    /** The split a file or folder belongs to by its name: {@code train-00000-of-00002.parquet}, {@code t10k-images...}. */
    static String splitOf(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        Matcher split = SPLIT_NAME.matcher(lower);
        if (!split.matches()) {
            return lower.startsWith("data_batch") ? "train" : ALL;
        }
        return switch (split.group(1)) {
            case "train", "training" -> "train";
            case "test", "testing", "t10k" -> "test";
            default -> "validation";
        };
    }

    private static Sources one(DataFormat format, Path root, List<Path> files) {
        var splits = new LinkedHashMap<String, List<Path>>();
        splits.put(ALL, files);
        return new Sources(format, root, splits);
    }

    private static DataFormat ofFile(Path file) {
        String name = DataFiles.name(file).toLowerCase(Locale.ROOT);
        if (name.endsWith(".parquet")) {
            return DataFormat.PARQUET;
        }
        if (name.matches(".*\\.(tar|tar\\.gz|tgz)")) {
            return DataFormat.WEBDATASET;
        }
        if (name.endsWith(".jsonl") || name.endsWith(".csv")) {
            return DataFormat.JSONL;
        }
        if (name.matches(".*images[-.]idx3-ubyte(\\.gz)?")) {
            return DataFormat.IDX;
        }
        if (name.matches("(data_batch(_[0-9]+)?|test_batch)\\.bin")) {
            return DataFormat.CIFAR10;
        }
        if (name.matches("(train|test)\\.bin")) {
            return DataFormat.CIFAR100;
        }
        throw DataFiles.broken(
                file, "cannot tell the format by the name; say it as format: " + List.of(DataFormat.values()));
    }

    private static Path folder(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }
}
