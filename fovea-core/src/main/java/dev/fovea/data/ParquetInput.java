package dev.fovea.data;

import dev.hardwood.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file for the Parquet library that is read and not mapped: where a mapped file becomes shorter, the native codecs take the
 * whole process down. What lies outside the file is refused before memory is asked for.
 */
record ParquetInput(Path file, FileChannel channel, long length) implements InputFile {

    static ParquetInput of(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            return new ParquetInput(file, channel, channel.size());
        } catch (IOException e) {
            throw DataFiles.failed(file, e);
        }
    }

    @Override
    public void open() {
        // it is open
    }

    @Override
    public ByteBuffer readRange(long offset, int count) throws IOException {
        if (offset < 0 || count < 0 || offset > length - count) {
            throw new EOFException("%d bytes at %d wanted, the file ends at %d".formatted(count, offset, length));
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect(count);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new EOFException("the file has become shorter than %d bytes".formatted(length));
            }
        }
        return bytes.flip();
    }

    @Override
    public String name() {
        return DataFiles.name(file);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
