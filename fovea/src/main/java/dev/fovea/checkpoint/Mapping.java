package dev.fovea.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Files in memory, privately: what is written to the segment stays in this process. The segment is unmapped by the
 * garbage collector once nothing refers to it or its slices.
 */
final class Mapping {

    private Mapping() {}

    static MemorySegment of(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.PRIVATE, 0, channel.size(), Arena.ofAuto());
        } catch (AccessDeniedException e) {
            return readOnly(file);
        } catch (IOException e) {
            throw BadFile.of(file, e);
        }
    }

    private static MemorySegment readOnly(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
        } catch (IOException e) {
            throw BadFile.of(file, e);
        }
    }
}
