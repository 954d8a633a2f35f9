package dev.fovea.data;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.ColumnMetaData;
import dev.hardwood.metadata.CompressionCodec;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Looks at every page header of a column chunk before the reader library does: it decompresses into whatever size a header claims,
 * and waits for ever for values that do not come.
 */
final class ParquetPages {

    private static final int DATA = 0;
    private static final int DICTIONARY = 2;
    private static final int DATA_V2 = 3;
    private static final int HEADER = 1 << 16;
    private static final long MAX_PAGE = 1L << 30;
    // A deflated byte stands for 1032 at most; a page of any codec that claims more is a bomb or nonsense.
    private static final long MOST_PER_BYTE = 1032;

    private final Path file;
    private final FileChannel channel;
    private final ColumnMetaData meta;

    private int type;
    private int compressed;
    private int uncompressed;
    private int values;

    private ParquetPages(Path file, FileChannel channel, ColumnMetaData meta) {
        this.file = file;
        this.channel = channel;
        this.meta = meta;
    }

    /** Walks the pages of a chunk that holds one value a row. */
    static void check(Path file, FileChannel channel, ColumnChunk chunk, long rows) throws IOException {
        new ParquetPages(file, channel, chunk.metaData()).walk(chunk.chunkStartOffset(), rows);
    }

    private void walk(long start, long rows) throws IOException {
        long end = start + meta.totalCompressedSize();
        long seen = 0;
        for (long at = start; at < end; ) {
            long data = at + header(at, end);
            if (type != DATA && type != DATA_V2 && (type != DICTIONARY || at != start)) {
                throw broken(at, "a page of type %d, wanted data".formatted(type));
            }
            if (compressed < 0 || compressed > end - data) {
                throw broken(at, "claims %d bytes, the column ends after %d".formatted(compressed, end - data));
            }
            boolean plain = meta.codec() == CompressionCodec.UNCOMPRESSED;
            long most = plain ? compressed : Math.min(MAX_PAGE, MOST_PER_BYTE * compressed + 64);
            if (uncompressed < (plain ? compressed : 0) || uncompressed > most) {
                throw broken(at, "%d bytes claim to become %d (%s)".formatted(compressed, uncompressed, meta.codec()));
            }
            if (values < 0
                    || (type != DICTIONARY && values > rows - seen)
                    || (type == DICTIONARY && values > uncompressed)) {
                throw broken(at, "claims %d values, %d of %d rows were seen".formatted(values, seen, rows));
            }
            seen += type == DICTIONARY ? 0 : values;
            at = data + compressed;
        }
        if (seen != rows || meta.numValues() != rows) {
            throw DataFiles.broken(
                    file,
                    "column %s holds %d values and claims %d, wanted one for each of %d rows"
                            .formatted(meta.pathInSchema(), seen, meta.numValues(), rows));
        }
    }

    /** Reads the header at a place; gives its length. */
    private int header(long at, long end) throws IOException {
        var bytes = ByteBuffer.allocate((int) Math.min(HEADER, end - at));
        while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) >= 0) {
            // until it is full or the file ends
        }
        bytes.flip();
        type = -1;
        compressed = -1;
        uncompressed = -1;
        values = -1;
        var thrift = new Thrift(bytes);
        try {
            thrift.struct((id, kind) -> page(thrift, id, kind));
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            throw broken(at, "its header is broken: " + (e.getMessage() == null ? "cut short" : e.getMessage()));
        }
        return bytes.position();
    }

    private boolean page(Thrift thrift, int id, int kind) {
        if (kind == Thrift.I32 && id <= 3) {
            int v = thrift.i32();
            switch (id) {
                case 1 -> type = v;
                case 2 -> uncompressed = v;
                default -> compressed = v;
            }
            return true;
        }
        if (kind == Thrift.STRUCT && (id == 5 || id == 7 || id == 8)) {
            thrift.struct((inner, innerKind) -> {
                if (inner != 1 || innerKind != Thrift.I32) {
                    return false;
                }
                values = thrift.i32();
                return true;
            });
            return true;
        }
        return false;
    }

    private RuntimeException broken(long at, String message) {
        return DataFiles.broken(file, "page at byte %d of column %s: %s".formatted(at, meta.pathInSchema(), message));
    }
}
