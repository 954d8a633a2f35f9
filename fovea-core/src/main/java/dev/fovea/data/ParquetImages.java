package dev.fovea.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Pictures of Parquet files in Hugging Face's layout, the encoded bytes of all rows held in memory. Larger data than the limit
 * is read as a stream ({@link ParquetShards}).
 */
public final class ParquetImages implements ImageDataset {

    private final List<String> ids;
    private final List<byte[]> pictures;
    private final List<Map<String, String>> texts;
    private final int[] labels;
    private final List<String> classNames;

    private ParquetImages(
            List<String> ids,
            List<byte[]> pictures,
            List<Map<String, String>> texts,
            int[] labels,
            List<String> classNames) {
        this.ids = ids;
        this.pictures = pictures;
        this.texts = texts;
        this.labels = labels;
        this.classNames = classNames;
    }

    /**
     * Reads the files in the given order.
     *
     * @param imageColumn null for the first column of pictures
     * @param labelColumn null for the first ClassLabel, or else {@code label} where there is one
     * @param memoryLimit bytes that the pictures may take together
     */
    public static ParquetImages read(
            List<Path> files, @Nullable String imageColumn, @Nullable String labelColumn, long memoryLimit) {
        List<String> ids = new ArrayList<>();
        List<byte[]> pictures = new ArrayList<>();
        List<Map<String, String>> texts = new ArrayList<>();
        List<@Nullable String> labels = new ArrayList<>();
        List<String> classNames = List.of();
        long held = 0;
        for (Path path : files) {
            ParquetFile file = ParquetFile.open(path, imageColumn, labelColumn);
            if (!pictures.isEmpty() && !file.classNames().equals(classNames)) {
                throw DataFiles.broken(
                        path, "class names %s, %s has %s".formatted(file.classNames(), files.getFirst(), classNames));
            }
            classNames = file.classNames();
            int row = 0;
            try (var rows = file.read()) {
                while (rows.hasNext()) {
                    ParquetFile.Row r = rows.next();
                    byte[] bytes = bytes(file, row, r);
                    held += bytes.length;
                    if (held > memoryLimit) {
                        throw DataFiles.broken(
                                path,
                                "the pictures take more than the %d bytes allowed; raise memoryLimitMb, or stream"
                                        .formatted(memoryLimit));
                    }
                    ids.add(id(file, row, r));
                    pictures.add(bytes);
                    texts.add(Map.copyOf(r.texts()));
                    labels.add(r.label());
                    row++;
                }
            }
            if (row != file.rows()) {
                throw DataFiles.broken(path, "read %d rows, the footer claims %d".formatted(row, file.rows()));
            }
        }
        var resolved = ListedImages.Labels.of(files.getFirst(), labels, classNames);
        return new ParquetImages(ids, pictures, texts, resolved.values(), resolved.classNames());
    }

    static byte[] bytes(ParquetFile file, int row, ParquetFile.Row r) {
        byte[] bytes = r.bytes();
        if (bytes == null) {
            throw DataFiles.broken(
                    file.file() + "#" + row,
                    "column %s holds no bytes%s"
                            .formatted(file.image(), r.path() == null ? "" : ", only the path " + r.path()));
        }
        return bytes;
    }

    static String id(ParquetFile file, int row, ParquetFile.Row r) {
        return file.file() + "#" + row + (r.path() == null ? "" : " (" + r.path() + ")");
    }

    @Override
    public long size() {
        return labels.length;
    }

    @Override
    public ImageExample get(long index) {
        int i = (int) Objects.checkIndex(index, size());
        return new ImageExample(
                ids.get(i), new ImageSource.Encoded(ids.get(i), pictures.get(i)), labels[i], texts.get(i));
    }

    @Override
    public int label(long index) {
        return labels[(int) index];
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }
}
