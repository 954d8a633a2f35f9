package dev.fovea.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.jspecify.annotations.Nullable;

/**
 * A file of a tar archive that belongs to a sample.
 *
 * @param key path up to the first dot of the name
 * @param part what follows that dot
 */
record TarMember(String key, String part, int size) {

    private static final int BLOCK = 512;

    /**
     * The member an entry is, or null where it is none: folders, and names without a key or an ending. Nothing is ever unpacked to
     * disk, yet an archive with links, sparse files or paths that lead outside is refused: it is no shard, and others would unpack it.
     */
    static @Nullable TarMember of(Object shard, TarArchiveEntry entry) {
        String name = entry.getName();
        if (!entry.isCheckSumOK()) {
            throw DataFiles.broken(shard, "entry %s: its header's checksum is wrong".formatted(shown(name)));
        }
        if (entry.isGlobalPaxHeader()) {
            return null;
        }
        String kind = kind(entry);
        if (kind != null) {
            throw DataFiles.broken(shard, "entry %s is %s, wanted plain files".formatted(shown(name), kind));
        }
        if (name.startsWith("/") || name.matches("(.*[/\\\\])?\\.\\.([/\\\\].*)?") || name.indexOf('\0') >= 0) {
            throw DataFiles.broken(shard, "entry %s: wanted a relative path without ..".formatted(shown(name)));
        }
        if (entry.isDirectory()) {
            return null;
        }
        if (entry.getSize() < 0 || entry.getSize() > DataFiles.MAX_MEMBER) {
            throw DataFiles.broken(
                    shard,
                    "entry %s claims %d bytes, wanted at most %d"
                            .formatted(shown(name), entry.getSize(), DataFiles.MAX_MEMBER));
        }
        String path = name.startsWith("./") ? name.substring(2) : name;
        int base = path.lastIndexOf('/') + 1;
        int dot = path.indexOf('.', base);
        return dot <= base || dot == path.length() - 1
                ? null
                : new TarMember(path.substring(0, dot), path.substring(dot + 1), (int) entry.getSize());
    }

    /** An uncompressed archive ends with blocks of zeros; where they are missing, whole entries may be missing too. */
    static void checkEnd(Path file) {
        var block = ByteBuffer.allocate(BLOCK);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long from = Math.max(0, channel.size() - BLOCK);
            while (block.hasRemaining() && channel.read(block, from + block.position()) >= 0) {
                // until it is full or the file ends
            }
        } catch (IOException e) {
            throw DataFiles.failed(file, e);
        }
        boolean zeros = !block.hasRemaining();
        for (byte b : block.array()) {
            zeros &= b == 0;
        }
        if (!zeros) {
            throw DataFiles.broken(
                    file, "no end-of-archive mark, 512 bytes of zeros; the file is cut short, or no tar");
        }
    }

    private static @Nullable String kind(TarArchiveEntry entry) {
        if (entry.isSymbolicLink() || entry.isLink()) {
            return "a link";
        }
        if (entry.isSparse()) {
            return "a sparse file";
        }
        return entry.isBlockDevice() || entry.isCharacterDevice() || entry.isFIFO() ? "a device or pipe" : null;
    }

    private static String shown(String name) {
        String clean = name.replaceAll("\\p{Cntrl}", "?");
        return clean.length() > 100 ? clean.substring(0, 100) + "..." : clean;
    }
}
