package dev.fovea.data;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Pictures named by the lines of a table beside them: JSON lines ({@code image}, {@code label}, {@code prefix}, {@code suffix},
 * {@code text}), or {@code metadata.jsonl} and {@code metadata.csv} ({@code file_name}). Paths are relative to the table.
 */
final class TableImages {

    private static final List<String> IMAGE_KEYS = List.of("image", "file_name", "filepath", "path");
    private static final JsonMapper JSON = JsonMapper.shared();

    private TableImages() {}

    static ListedImages read(Path table, @Nullable String imageColumn, String labelColumn, List<String> classNames) {
        return read(List.of(table), imageColumn, labelColumn, classNames);
    }

    static ListedImages read(
            List<Path> tables, @Nullable String imageColumn, String labelColumn, List<String> classNames) {
        List<ListedImages.Entry> entries = new ArrayList<>();
        for (Path table : tables) {
            Path folder = table.toAbsolutePath().normalize().getParent();
            if (folder == null) {
                throw DataFiles.broken(table, "is not a file in a folder");
            }
            for (Row row : DataFiles.name(table).endsWith(".csv") ? csv(table) : jsonl(table)) {
                entries.add(row.entry(folder, imageColumn, labelColumn));
            }
        }
        return ListedImages.of(tables.getFirst(), entries, classNames);
    }

    private static List<Row> jsonl(Path table) {
        List<String> lines = DataFiles.lines(table);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                continue;
            }
            String where = table + ":" + (i + 1);
            JsonNode node;
            try {
                node = JSON.readTree(lines.get(i));
            } catch (JacksonException e) {
                throw DataFiles.broken(where, "not JSON: " + e.getOriginalMessage());
            }
            if (!node.isObject()) {
                throw DataFiles.broken(where, "found %s, wanted a JSON object".formatted(node.getNodeType()));
            }
            Map<String, String> cells = new LinkedHashMap<>();
            node.properties().forEach(p -> {
                JsonNode value = p.getValue();
                if (!value.isNull()) {
                    cells.put(p.getKey(), value.isString() ? value.stringValue() : value.toString());
                }
            });
            rows.add(new Row(where, cells));
        }
        return rows;
    }

    private static List<Row> csv(Path table) {
        List<Csv.Line> records = Csv.parse(table, String.join("\n", DataFiles.lines(table)));
        if (records.isEmpty()) {
            throw DataFiles.broken(table, "is empty, wanted a line of column names");
        }
        List<String> names = records.getFirst().cells();
        List<Row> rows = new ArrayList<>();
        for (Csv.Line record : records.subList(1, records.size())) {
            String where = table + ":" + record.number();
            if (record.cells().size() != names.size()) {
                throw DataFiles.broken(
                        where,
                        "found %d cells, wanted %d as in the line of names"
                                .formatted(record.cells().size(), names.size()));
            }
            Map<String, String> cells = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                cells.put(names.get(i), record.cells().get(i));
            }
            rows.add(new Row(where, cells));
        }
        return rows;
    }

    private record Row(String where, Map<String, String> cells) {

        ListedImages.Entry entry(Path folder, @Nullable String imageColumn, String labelColumn) {
            String key = imageColumn != null
                    ? imageColumn
                    : IMAGE_KEYS.stream().filter(cells::containsKey).findFirst().orElse(IMAGE_KEYS.getFirst());
            String image = cells.get(key);
            if (image == null || image.isEmpty()) {
                throw DataFiles.broken(where, "no %s; keys here: %s".formatted(key, cells.keySet()));
            }
            Map<String, String> texts = new LinkedHashMap<>(cells);
            texts.remove(key);
            String label = texts.remove(labelColumn);
            try {
                return new ListedImages.Entry(folder.resolve(image).normalize(), where, label, texts);
            } catch (InvalidPathException e) {
                throw DataFiles.broken(where, "%s is no path: %s".formatted(key, e.getReason()));
            }
        }
    }
}
