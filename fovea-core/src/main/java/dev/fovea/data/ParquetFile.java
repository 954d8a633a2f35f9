package dev.fovea.data;

import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.FileSchema;
import dev.hardwood.schema.SchemaNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One Parquet file in the layout Hugging Face writes: which columns are pictures, labels and texts, and its rows from front to back.
 * Every error of the reader library comes out with the file's path.
 *
 * @param image column of struct {@code {bytes, path}}, or of plain bytes
 * @param label column of whole numbers or of strings; null where the file has none
 * @param texts columns of strings
 * @param classNames of the label column, from the key {@code huggingface} of the schema; empty where it names none
 */
record ParquetFile(
        Path file,
        long rows,
        String image,
        boolean struct,
        @Nullable String label,
        List<String> texts,
        List<String> classNames) {

    /** A row as it is stored: {@code label} a whole number, a string or null. */
    record Row(
            byte @Nullable [] bytes,
            @Nullable String path,
            @Nullable String label,
            Map<String, String> texts) {}

    static ParquetFile open(Path file, @Nullable String imageColumn, @Nullable String labelColumn) {
        ParquetGuard.check(file);
        try (ParquetFileReader reader = ParquetFileReader.open(ParquetInput.of(file))) {
            ParquetGuard.check(file, reader.getFileMetaData());
            return describe(file, reader, imageColumn, labelColumn);
        } catch (IOException e) {
            throw ParquetGuard.wrapped(file, new UncheckedIOException(e.getMessage(), e));
        } catch (RuntimeException e) {
            throw ParquetGuard.wrapped(file, e);
        }
    }

    private static ParquetFile describe(
            Path file, ParquetFileReader reader, @Nullable String imageColumn, @Nullable String labelColumn) {
        FileSchema schema = reader.getFileSchema();
        List<SchemaNode> fields = schema.getRootNode().children();
        List<String> names = fields.stream().map(SchemaNode::name).toList();
        JsonNode features = features(file, reader.getFileMetaData().keyValueMetadata());
        String image = imageColumn != null ? imageColumn : imageOf(file, fields, features, names);
        SchemaNode node = named(file, fields, names, image, "imageColumn");
        String bytes = image + ".bytes";
        boolean struct = node instanceof SchemaNode.GroupNode group
                && group.children().stream().anyMatch(c -> c.name().equals("bytes") && isBinary(c));
        if (!struct && !isBinary(node)) {
            throw DataFiles.broken(
                    file, "column %s is no picture: wanted a struct with %s, or bytes".formatted(image, bytes));
        }
        String label = labelColumn != null ? labelColumn : labelOf(features, names);
        if (label != null) {
            named(file, fields, names, label, "labelColumn");
        }
        List<String> texts = fields.stream()
                .filter(f -> isBinary(f) && !f.name().equals(image) && !f.name().equals(label))
                .map(SchemaNode::name)
                .toList();
        List<String> classNames = new ArrayList<>();
        if (label != null) {
            features.path(label).path("names").forEach(n -> classNames.add(n.asString("")));
        }
        return new ParquetFile(
                file, reader.getFileMetaData().numRows(), image, struct, label, texts, List.copyOf(classNames));
    }

    /** The rows from the first on. */
    Shards.Cursor<Row> read() {
        return new Rows(this);
    }

    private static JsonNode features(Path file, @Nullable Map<String, String> metadata) {
        String text = metadata == null ? null : metadata.get("huggingface");
        try {
            return JsonMapper.shared()
                    .readTree(text == null ? "{}" : text)
                    .path("info")
                    .path("features");
        } catch (JacksonException e) {
            throw DataFiles.broken(file, "schema key huggingface is not JSON: " + e.getOriginalMessage());
        }
    }

    private static String imageOf(Path file, List<SchemaNode> fields, JsonNode features, List<String> names) {
        for (SchemaNode field : fields) {
            boolean named =
                    features.path(field.name()).path("_type").asString("").equals("Image");
            boolean shaped = field instanceof SchemaNode.GroupNode group
                    && group.children().stream().anyMatch(c -> c.name().equals("bytes") && isBinary(c));
            if (named || shaped) {
                return field.name();
            }
        }
        throw DataFiles.broken(file, "no column of pictures; columns: %s; name one as imageColumn".formatted(names));
    }

    private static @Nullable String labelOf(JsonNode features, List<String> names) {
        for (String name : names) {
            if (features.path(name).path("_type").asString("").equals("ClassLabel")) {
                return name;
            }
        }
        return names.contains("label") ? "label" : null;
    }

    private static SchemaNode named(Path file, List<SchemaNode> fields, List<String> names, String name, String key) {
        int i = names.indexOf(name);
        if (i < 0) {
            throw new IllegalArgumentException("%s: no column %s (%s); columns: %s".formatted(file, name, key, names));
        }
        return fields.get(i);
    }

    private static boolean isBinary(SchemaNode node) {
        return node instanceof SchemaNode.PrimitiveNode p
                && p.type() == PhysicalType.BYTE_ARRAY
                && p.maxRepetitionLevel() == 0;
    }

    private static final class Rows implements Shards.Cursor<Row> {

        private final ParquetFile source;
        private final ParquetFileReader reader;
        private final RowReader rows;

        Rows(ParquetFile source) {
            this.source = source;
            List<String> columns = new ArrayList<>(source.texts());
            columns.add(source.image());
            if (source.label() != null) {
                columns.add(source.label());
            }
            ParquetFileReader opened = null;
            try {
                opened = ParquetFileReader.open(ParquetInput.of(source.file()));
                ParquetGuard.check(source.file(), opened.getFileMetaData(), Set.copyOf(columns));
                rows = opened.buildRowReader()
                        .projection(ColumnProjection.columns(columns.toArray(String[]::new)))
                        .build();
                reader = opened;
            } catch (IOException e) {
                throw ParquetGuard.wrapped(source.file(), new UncheckedIOException(e.getMessage(), e));
            } catch (RuntimeException e) {
                if (opened != null) {
                    closed(opened);
                }
                throw ParquetGuard.wrapped(source.file(), e);
            }
        }

        @Override
        public boolean hasNext() {
            try {
                return rows.hasNext();
            } catch (RuntimeException e) {
                throw ParquetGuard.wrapped(source.file(), e);
            }
        }

        @Override
        public Row next() {
            try {
                rows.next();
                Map<String, String> texts = new LinkedHashMap<>();
                for (String text : source.texts()) {
                    if (!rows.isNull(text)) {
                        texts.put(text, rows.getString(text));
                    }
                }
                String column = source.label();
                String label = column == null || rows.isNull(column) ? null : String.valueOf(rows.getValue(column));
                return picture(label, texts);
            } catch (RuntimeException e) {
                throw ParquetGuard.wrapped(source.file(), e);
            }
        }

        private Row picture(@Nullable String label, Map<String, String> texts) {
            if (rows.isNull(source.image())) {
                return new Row(null, null, label, texts);
            }
            if (!source.struct()) {
                return new Row(rows.getBinary(source.image()), null, label, texts);
            }
            var struct = rows.getStruct(source.image());
            byte[] bytes = struct.isNull("bytes") ? null : struct.getBinary("bytes");
            boolean named = false;
            for (int i = 0; i < struct.getFieldCount(); i++) {
                named |= struct.getFieldName(i).equals("path");
            }
            String path = !named || struct.isNull("path") ? null : struct.getString("path");
            return new Row(bytes, path, label, texts);
        }

        @Override
        public void close() {
            try {
                rows.close();
            } finally {
                closed(reader);
            }
        }

        private void closed(ParquetFileReader opened) {
            try {
                opened.close();
            } catch (IOException e) {
                throw DataFiles.failed(source.file(), e);
            }
        }
    }
}
