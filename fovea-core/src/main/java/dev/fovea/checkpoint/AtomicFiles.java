package dev.fovea.checkpoint;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Files that are either the old ones or the new ones, whole, also after a kill or a power loss. */
final class AtomicFiles {

    /** Writes a file's content. */
    interface Content {
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    private AtomicFiles() {}

    /** Writes beside {@code file} under another name, to the disk, and renames. */
    static void write(Path file, Content content) {
        Path target = file.toAbsolutePath();
        Path work = target.resolveSibling(".%s.%s.tmp".formatted(target.getFileName(), UUID.randomUUID()));
        try {
            try {
                writeSynced(work, content);
                Files.move(work, target, ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(work);
            }
            syncFolder(target.resolveSibling("."));
        } catch (IOException e) {
            throw BadFile.of(file, e);
        }
    }

    /** Writes a new file and waits until the disk has it. */
    static void writeSynced(Path file, Content content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
            content.writeTo(channel);
            channel.force(true);
        }
    }

    /** Waits until the disk has the folder's names. */
    static void syncFolder(Path folder) throws IOException {
        if (System.getProperty("os.name", "").startsWith("Windows")) {
            return; // folders cannot be opened there
        }
        try (FileChannel channel = FileChannel.open(folder, READ)) {
            channel.force(true);
        }
    }

    static void writeAll(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
