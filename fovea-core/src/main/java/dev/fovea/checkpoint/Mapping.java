package dev.fovea.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Files in memory, privately: what is written to the segment stays in this process. The segment is unmapped by the
 * garbage collector once nothing refers to it or its slices. A file that another process cuts short while it is mapped
 * kills the process that reads it there, so files are to be replaced by renaming, as this package does.
 */
final class Mapping {

    private Mapping() {}

    /** The whole file; where the system has no private mapping of it, the segment is read-only. */
    static MemorySegment of(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            MemorySegment mapped = size == 0 ? null : writable(file, size);
            return mapped != null ? mapped : channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
        } catch (IOException e) {
            throw BadFile.of(file, e);
        }
    }

    private static @Nullable MemorySegment writable(Path file, long size) {
        String os = System.getProperty("os.name", "");
        if (os.startsWith("Linux") || os.startsWith("Mac")) {
            return PosixMap.map(file, size);
        }
        // Java maps privately only what it may open for writing.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.PRIVATE, 0, size, Arena.ofAuto());
        } catch (IOException e) {
            return null;
        }
    }
}
