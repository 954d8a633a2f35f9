package dev.fovea.data;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pictures of Parquet files as a stream, one file a shard. Labels are whole numbers or names of the schema's classes. */
public record ParquetShards(
        List<Path> files,
        @Nullable String imageColumn,
        @Nullable String labelColumn) implements Shards<ImageExample> {

    public ParquetShards {
        files = List.copyOf(files);
    }

    @Override
    public int count() {
        return files.size();
    }

    @Override
    public Cursor<ImageExample> open(int shard) {
        ParquetFile file = ParquetFile.open(files.get(shard), imageColumn, labelColumn);
        Cursor<ParquetFile.Row> rows = file.read();
        return new Cursor<>() {
            private int row;

            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public ImageExample next() {
                ParquetFile.Row r = rows.next();
                String id = ParquetImages.id(file, row, r);
                byte[] bytes = ParquetImages.bytes(file, row++, r);
                return new ImageExample(id, new ImageSource.Encoded(id, bytes), label(file, id, r.label()), r.texts());
            }

            @Override
            public void close() {
                rows.close();
            }
        };
    }

    private static int label(ParquetFile file, String id, @Nullable String label) {
        if (label == null) {
            return -1;
        }
        int named = file.classNames().indexOf(label);
        if (named >= 0) {
            return named;
        }
        boolean number = label.matches("[0-9]{1,9}");
        if (!number
                || (!file.classNames().isEmpty()
                        && Integer.parseInt(label) >= file.classNames().size())) {
            throw DataFiles.broken(id, "label %s is not among the class names %s".formatted(label, file.classNames()));
        }
        return Integer.parseInt(label);
    }
}
