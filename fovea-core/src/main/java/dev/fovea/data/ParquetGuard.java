package dev.fovea.data;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.ColumnMetaData;
import dev.hardwood.metadata.FileMetaData;
import dev.hardwood.metadata.RowGroup;
import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;

/** What is checked of a Parquet file before the reader library allocates by what the file claims. */
final class ParquetGuard {

    private static final int MAGIC = 4;
    private static final int TAIL = 8;
    private static final int PAR1 = 0x31524150; // little-endian
    private static final long MAX_FOOTER = 64L << 20;

    private ParquetGuard() {}

    /** Magic at both ends, and a footer that lies in the file. */
    static void check(Path file) {
        long length = DataFiles.size(file);
        if (length < MAGIC + TAIL) {
            throw DataFiles.broken(file, "found %d bytes, a Parquet file has at least 12".formatted(length));
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer head = read(channel, 0, MAGIC);
            ByteBuffer tail = read(channel, length - TAIL, TAIL);
            long footer = tail.getInt() & 0xffffffffL;
            if (head.getInt(0) != PAR1 || tail.getInt() != PAR1) {
                throw DataFiles.broken(
                        file,
                        "wanted PAR1 at both ends, found %s and %s; not Parquet, or cut short"
                                .formatted(shown(head, 0), shown(tail, 4)));
            }
            if (footer > length - MAGIC - TAIL || footer > MAX_FOOTER) {
                throw DataFiles.broken(
                        file, "the footer claims %d bytes, the file has %d in all".formatted(footer, length));
            }
            walk(file, read(channel, length - TAIL - footer, (int) footer));
        } catch (IOException e) {
            throw DataFiles.failed(file, e);
        }
    }

    /** Passes over the whole footer once: no list or string in it may be longer than the footer. */
    private static void walk(Path file, ByteBuffer footer) {
        try {
            new Thrift(footer).struct((_, _) -> false);
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            throw DataFiles.broken(
                    file, "its footer is broken: " + (e.getMessage() == null ? "cut short" : e.getMessage()));
        }
    }

    private static ByteBuffer read(FileChannel channel, long from, int count) throws IOException {
        var bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                throw new EOFException("ends while it is read");
            }
        }
        return bytes.flip();
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

    /** The pages of the columns that will be read, {@code columns} by the first part of their path. */
    static void check(Path file, FileMetaData meta, Set<String> columns) {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (RowGroup group : meta.rowGroups()) {
                for (ColumnChunk column : group.columns()) {
                    List<String> path = column.metaData().pathInSchema().elements();
                    if (!path.isEmpty() && columns.contains(path.getFirst())) {
                        ParquetPages.check(file, channel, column, group.numRows());
                    }
                }
            }
        } catch (IOException e) {
            throw DataFiles.failed(file, e);
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
        Throwable cause = e.getCause();
        String message = said(file, e) + (cause == null ? "" : ": " + said(file, cause));
        var wrapped = DataFiles.broken(file, "not sound Parquet: " + message);
        wrapped.addSuppressed(e);
        return wrapped;
    }

    /** The first line of a message, without the file name that the library puts in front. */
    private static String said(Path file, Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        String line = message.lines().findFirst().orElse("");
        String name = "[" + DataFiles.name(file) + "] ";
        return line.startsWith(name) ? line.substring(name.length()) : line;
    }

    private static boolean named(Path file, RuntimeException e) {
        return e.getMessage() != null && e.getMessage().startsWith(file.toString());
    }

    private static String shown(ByteBuffer ends, int from) {
        var magic = new byte[MAGIC];
        ends.get(from, magic);
        return "\"" + new String(magic, StandardCharsets.ISO_8859_1).replaceAll("[^\\x20-\\x7e]", "?") + "\"";
    }
}
