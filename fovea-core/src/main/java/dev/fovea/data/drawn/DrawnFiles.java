package dev.fovea.data.drawn;

import dev.fovea.image.ImageEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** Drawn pictures written as data sets of others' formats. */
public final class DrawnFiles {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** What a line of JSON asks for. */
    public enum Lines {
        /** {@code caption en}, answered by the caption. */
        CAPTION,
        /** Each question of the picture, {@code answer en ...}, a line of its own. */
        QUESTION,
        /** {@code detect ...}, answered by location tokens and names. */
        DETECT
    }

    private DrawnFiles() {}

    /** {@code folder/class/number.png}. */
    public static void imageFolder(DrawnDataset data, Path folder) {
        for (long i = 0; i < data.size(); i++) {
            DrawnExample example = data.get(i);
            write(
                    folder.resolve(data.classNames().get(example.label())).resolve(file(example)),
                    ImageEncoder.png(example.image()));
        }
    }

    /** {@code folder/split.jsonl} with {@code image}, {@code prefix}, {@code suffix}, and {@code folder/images}. */
    public static void jsonl(DrawnDataset data, Path folder, String split, Lines lines) {
        var text = new StringBuilder();
        for (long i = 0; i < data.size(); i++) {
            DrawnExample example = data.get(i);
            String image = image(folder, split, example);
            for (Question line : lines(example, lines)) {
                Map<String, String> row = new LinkedHashMap<>();
                row.put("image", image);
                row.put("prefix", line.question());
                row.put("suffix", line.answer());
                text.append(JSON.writeValueAsString(row)).append('\n');
            }
        }
        write(folder.resolve(split + ".jsonl"), text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** {@code folder/instances_split.json} in COCO's format, boxes and masks (uncompressed run lengths), and {@code folder/images}. */
    public static void coco(DrawnDataset data, Path folder, String split) {
        List<Map<String, Object>> images = new ArrayList<>();
        List<Map<String, Object>> annotations = new ArrayList<>();
        Map<String, Integer> categories = new LinkedHashMap<>();
        for (String name : names(data)) {
            categories.put(name, categories.size() + 1);
        }
        int size = data.config().size();
        for (long i = 0; i < data.size(); i++) {
            DrawnExample example = data.get(i);
            String file = image(folder, split, example);
            images.add(entry("id", i + 1, "file_name", file, "width", size, "height", size));
            for (Figure f : example.figures()) {
                Box b = f.box();
                Integer category = categories.get(f.name());
                annotations.add(entry(
                        "id",
                        annotations.size() + 1,
                        "image_id",
                        i + 1,
                        "category_id",
                        category == null ? 0 : category,
                        "bbox",
                        List.of(b.left(), b.top(), b.width(), b.height()),
                        "area",
                        f.area(),
                        "iscrowd",
                        0,
                        "segmentation",
                        entry("size", List.of(size, size), "counts", runs(f.mask(), size))));
            }
        }
        List<Map<String, Object>> named = new ArrayList<>();
        categories.forEach((name, id) -> named.add(entry("id", id, "name", name)));
        byte[] json = JSON.writeValueAsBytes(entry("images", images, "annotations", annotations, "categories", named));
        write(folder.resolve("instances_" + split + ".json"), json);
    }

    private static List<String> names(DrawnDataset data) {
        return data.config().task() == Task.WORD ? Task.WORDS : Task.SHAPE.classNames(0);
    }

    private static List<Question> lines(DrawnExample example, Lines lines) {
        return switch (lines) {
            case CAPTION -> List.of(new Question("caption en", example.caption()));
            case QUESTION ->
                example.questions().stream()
                        .map(q -> new Question("answer en " + q.question(), q.answer()))
                        .toList();
            case DETECT -> List.of(detect(example));
        };
    }

    /** Boxes ordered by name, then top, then left, and their names in the question, as the data sets of the project have them. */
    private static Question detect(DrawnExample example) {
        int rows = example.image().height();
        int columns = example.image().width();
        List<Figure> ordered = example.figures().stream()
                .sorted(Comparator.comparing(Figure::name)
                        .thenComparingInt(f -> f.box().top())
                        .thenComparingInt(f -> f.box().left()))
                .toList();
        String names = ordered.stream().map(Figure::name).distinct().collect(Collectors.joining(" ; "));
        String boxes = ordered.stream()
                .map(f -> f.box().locations(rows, columns) + " " + f.name())
                .collect(Collectors.joining(" ; "));
        return new Question("detect " + names, boxes);
    }

    /** Lengths of runs of 0 and 1 in turn, column by column, beginning with 0. */
    static List<Integer> runs(byte[] mask, int size) {
        List<Integer> runs = new ArrayList<>();
        int value = 0;
        int length = 0;
        for (int i = 0; i < mask.length; i++) {
            int v = mask[i % size * size + i / size];
            if (v != value) {
                runs.add(length);
                value = v;
                length = 0;
            }
            length++;
        }
        runs.add(length);
        return runs;
    }

    private static Map<String, Object> entry(Object... pairs) {
        Map<String, Object> entry = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            entry.put((String) pairs[i], pairs[i + 1]);
        }
        return entry;
    }

    private static String image(Path folder, String split, DrawnExample example) {
        String image = "images/%s_%s".formatted(split, file(example));
        write(folder.resolve(image), ImageEncoder.png(example.image()));
        return image;
    }

    private static String file(DrawnExample example) {
        return "%08d.png".formatted(example.index());
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }
}
