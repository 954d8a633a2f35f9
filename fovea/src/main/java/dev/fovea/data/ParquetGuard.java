package dev.fovea.data;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.ColumnMetaData;
import dev.hardwood.metadata.FileMetaData;
import dev.hardwood.metadata.RowGroup;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What is checked of a Parquet file before the reader library allocates by what the file claims. */
final class ParquetGuard {

    private static final int MAGIC = 4;
    private static final int TAIL = 8;
    private static final long MAX_FOOTER = 64L << 20;

    private ParquetGuard() {}

    /** Magic at both ends, and a footer that lies in the file. */
    static void check(Path file) {
        long length = DataFiles.size(file);
        if (length < MAGIC + TAIL) {
            throw DataFiles.broken(file, "found %d bytes, a Parquet file has at least 12".formatted(length));
        }
        var ends = ByteBuffer.allocate(MAGIC + TAIL).order(ByteOrder.LITTLE_ENDIAN);
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            in.readFully(ends.array(), 0, MAGIC);
            in.seek(length - TAIL);
            in.readFully(ends.array(), MAGIC, TAIL);
        } catch (IOException e) {
            throw DataFiles.failed(file, e);
        }
        String head = new String(ends.array(), 0, MAGIC, StandardCharsets.ISO_8859_1);
        String tail = new String(ends.array(), TAIL, MAGIC, StandardCharsets.ISO_8859_1);
        if (!head.equals("PAR1") || !tail.equals("PAR1")) {
            throw DataFiles.broken(
                    file,
                    "wanted PAR1 at both ends, found %s and %s; not Parquet, or cut short"
                            .formatted(shown(head), shown(tail)));
        }
        long footer = ends.getInt(MAGIC) & 0xffffffffL;
        if (footer > length - MAGIC - TAIL || footer > MAX_FOOTER) {
            throw DataFiles.broken(
                    file, "the footer claims %d bytes, the file has %d in all".formatted(footer, length));
        }
    }

    /** Counts, offsets and sizes of the footer against the file. */
    static void check(Path file, FileMetaData meta) {
        long length = DataFiles.size(file);
        long rows = 0;
        for (RowGroup group : meta.rowGroups()) {
            if (group.numRows() < 0) {
                throw DataFiles.broken(file, "a row group claims %d rows".formatted(group.numRows()));
            }
            rows += group.numRows();
            for (ColumnChunk column : group.columns()) {
                check(file, length, column);
            }
        }
        if (rows != meta.numRows() || rows > length) {
            throw DataFiles.broken(
                    file,
                    "the footer claims %d rows, its row groups %d, in a file of %d bytes"
                            .formatted(meta.numRows(), rows, length));
        }
    }

    private static void check(Path file, long length, ColumnChunk column) {
        ColumnMetaData meta = column.metaData();
        if (meta == null) {
            throw DataFiles.broken(file, "a column has no metadata in the footer");
        }
        long start = column.chunkStartOffset();
        long size = meta.totalCompressedSize();
        if (start < MAGIC || size < 0 || start > length - TAIL || size > length - TAIL - start) {
            throw DataFiles.broken(
                    file,
                    "column %s claims %d bytes at %d, the file ends at %d"
                            .formatted(meta.pathInSchema(), size, start, length));
        }
        if (meta.numValues() < 0 || meta.totalUncompressedSize() < 0) {
            throw DataFiles.broken(
                    file,
                    "column %s claims %d values in %d bytes"
                            .formatted(meta.pathInSchema(), meta.numValues(), meta.totalUncompressedSize()));
        }
    }

    /** The library's exception as one line with the path; ours, which have it already, as they are. */
    static RuntimeException wrapped(Path file, RuntimeException e) {
        if (named(file, e)) {
            return e;
        }
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        var wrapped = DataFiles.broken(
                file, "not sound Parquet: " + message.lines().findFirst().orElse(""));
        wrapped.addSuppressed(e);
        return wrapped;
    }

    private static boolean named(Path file, RuntimeException e) {
        return e.getMessage() != null && e.getMessage().startsWith(file.toString());
    }

    private static String shown(String magic) {
        return "\"" + magic.replaceAll("[^\\x20-\\x7e]", "?") + "\"";
    }
}
