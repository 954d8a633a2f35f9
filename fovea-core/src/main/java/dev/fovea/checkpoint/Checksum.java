package dev.fovea.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** Length and CRC-32C of a file. */
record Checksum(long bytes, int crc32c) {

    private static final long CHUNK = 1L << 30;

    static Checksum of(Path file) throws IOException {
        if (Files.size(file) == 0) {
            return new Checksum(0, 0);
        }
        MemorySegment data = Mapping.of(file);
        var crc = new CRC32C();
        for (long at = 0; at < data.byteSize(); at += CHUNK) {
            crc.update(data.asSlice(at, Math.min(CHUNK, data.byteSize() - at)).asByteBuffer());
        }
        return new Checksum(data.byteSize(), (int) crc.getValue());
    }

    /** Passes on what is written, and sums it. */
    static final class Channel implements WritableByteChannel {

        private final WritableByteChannel target;
        private final CRC32C crc = new CRC32C();
        private long bytes;

        Channel(WritableByteChannel target) {
            this.target = target;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            ByteBuffer written = source.duplicate();
            int count = target.write(source);
            crc.update(written.limit(written.position() + count));
            bytes += count;
            return count;
        }

        @Override
        public boolean isOpen() {
            return target.isOpen();
        }

        @Override
        public void close() throws IOException {
            target.close();
        }

        Checksum checksum() {
            return new Checksum(bytes, (int) crc.getValue());
        }
    }
}
