package dev.fovea.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/** WebDataset shards as a stream, plain tar or gzip. One sample at a time is in memory. */
public record WebShards(List<Path> files) implements Shards<WebSample> {

    /** The largest sample, all its parts together. */
    static final long MAX_SAMPLE = 1L << 30;

    public WebShards {
        files = List.copyOf(files);
    }

    @Override
    public int count() {
        return files.size();
    }

    @Override
    public Cursor<WebSample> open(int shard) {
        return stream(files.get(shard));
    }

    static Cursor<WebSample> stream(Path file) {
        boolean gzip = DataFiles.isGzip(file);
        if (!gzip) {
            TarMember.checkEnd(file);
        }
        InputStream raw = null;
        try {
            raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
            return new TarCursor(file, new TarArchiveInputStream(gzip ? new GZIPInputStream(raw, 1 << 16) : raw));
        } catch (IOException e) {
            if (raw != null) {
                try {
                    raw.close();
                } catch (IOException second) {
                    e.addSuppressed(second);
                }
            }
            throw DataFiles.failed(file, e);
        }
    }

    private static final class TarCursor implements Cursor<WebSample> {

        private final Path file;
        private final TarArchiveInputStream tar;
        private @Nullable TarMember member;
        private boolean started;

        TarCursor(Path file, TarArchiveInputStream tar) {
            this.file = file;
            this.tar = tar;
        }

        @Override
        public boolean hasNext() {
            if (!started) {
                started = true;
                advance();
            }
            return member != null;
        }

        @Override
        public WebSample next() {
            if (!hasNext()) {
                throw new NoSuchElementException(file.toString());
            }
            Map<String, byte[]> parts = new LinkedHashMap<>();
            TarMember first = member;
            String key = first == null ? "" : first.key();
            long bytes = 0;
            for (TarMember m = first; m != null && m.key().equals(key); m = member) {
                bytes += m.size();
                if (bytes > MAX_SAMPLE) {
                    throw DataFiles.broken(file, "sample %s is larger than %d bytes".formatted(key, MAX_SAMPLE));
                }
                if (parts.put(m.part(), content(m)) != null) {
                    throw DataFiles.broken(file, "two entries named %s.%s".formatted(key, m.part()));
                }
                advance();
            }
            return new WebSample(key, file.toString(), parts);
        }

        private byte[] content(TarMember m) {
            try {
                return DataFiles.readFully(file, tar, m.size(), "entry %s.%s".formatted(m.key(), m.part()));
            } catch (IOException e) {
                throw DataFiles.broken(file, "entry %s.%s: %s".formatted(m.key(), m.part(), e.getMessage()));
            }
        }

        private void advance() {
            try {
                TarArchiveEntry entry = tar.getNextEntry();
                member = null;
                while (entry != null && (member = TarMember.of(file, entry)) == null) {
                    entry = tar.getNextEntry();
                }
            } catch (IOException | IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
                throw DataFiles.broken(file, "not a sound tar file: " + e.getMessage());
            }
        }

        @Override
        public void close() {
            try {
                tar.close();
            } catch (IOException e) {
                throw DataFiles.failed(file, e);
            }
        }
    }
}
