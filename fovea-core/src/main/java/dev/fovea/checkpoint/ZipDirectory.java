package dev.fovea.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The entries of a zip file (Zip64 too) over its mapped bytes. Strict: no encryption, no other methods than stored and
 * deflated, no overlapping entries, no two of one name, local headers that agree with the directory.
 */
final class ZipDirectory {

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int END_SIZE = 22;
    private static final int MAX_COMMENT = 0xffff;
    private static final long ABSENT = 0xffffffffL;

    /** What deflate can reach at best, and some bytes for tiny entries. */
    private static final long MAX_RATIO = 1032;

    /**
     * One entry.
     *
     * @param data its bytes in the file, deflated or not
     * @param size bytes once inflated
     * @param crc CRC-32 of those
     */
    record Entry(String name, boolean deflated, MemorySegment data, long size, int crc) {}

    private record Place(String name, long local, int method, long compressed, long size, int crc) {}

    private final Path path;
    private final MemorySegment file;

    private ZipDirectory(Path path, MemorySegment file) {
        this.path = path;
        this.file = file;
    }

    static List<Entry> read(Path path, MemorySegment file) {
        var zip = new ZipDirectory(path, file);
        try {
            return zip.entries();
        } catch (IndexOutOfBoundsException e) {
            throw BadFile.of(
                    path, "damaged zip file: a header points outside of its %d bytes".formatted(file.byteSize()));
        }
    }

    private List<Entry> entries() {
        long end = findEnd();
        long count = u16(end + 10);
        long size = u32(end + 12);
        long start = u32(end + 16);
        if (count == 0xffff || size == ABSENT || start == ABSENT) {
            long locator = end - 20;
            if (locator < 0 || file.get(U32, locator) != 0x07064b50) {
                throw BadFile.of(path, "damaged zip file: no Zip64 locator");
            }
            long end64 = file.get(U64, locator + 8);
            if (end64 < 0 || file.get(U32, end64) != 0x06064b50) {
                throw BadFile.of(path, "damaged zip file: no Zip64 end record");
            }
            count = file.get(U64, end64 + 32);
            size = file.get(U64, end64 + 40);
            start = file.get(U64, end64 + 48);
            end = end64;
        }
        if (count < 0 || size < 0 || start < 0 || start > end - size || count > size / 46) {
            throw BadFile.of(
                    path, "damaged zip file: directory of %d entries in %d bytes at %d".formatted(count, size, start));
        }
        return check(places((int) Math.min(count, Integer.MAX_VALUE), start, start + size), start);
    }

    private long findEnd() {
        long last = file.byteSize() - END_SIZE;
        for (long at = last; at >= Math.max(0, last - MAX_COMMENT); at--) {
            if (file.get(U32, at) == 0x06054b50 && at + END_SIZE + u16(at + 20) == file.byteSize()) {
                return at;
            }
        }
        throw BadFile.of(path, "not a zip file, or truncated: no end of a zip directory found");
    }

    private List<Place> places(int count, long start, long end) {
        var places = new ArrayList<Place>();
        Set<String> names = new HashSet<>();
        long at = start;
        for (int i = 0; i < count; i++) {
            if (file.get(U32, at) != 0x02014b50) {
                throw BadFile.of(path, "damaged zip file: no directory entry at byte %d".formatted(at));
            }
            int flags = u16(at + 8);
            int nameLength = u16(at + 28);
            int extraLength = u16(at + 30);
            long next = at + 46 + nameLength + extraLength + u16(at + 32);
            if (next > end) {
                throw BadFile.of(path, "damaged zip file: entry %d reaches past the directory".formatted(i));
            }
            String name = name(at + 46, nameLength, (flags & 0x800) != 0);
            if ((flags & 0x2041) != 0) {
                throw BadFile.of(path, name + ": encrypted");
            }
            if (!names.add(name)) {
                throw BadFile.of(path, name + ": two entries of this name");
            }
            places.add(place(name, at, at + 46 + nameLength, extraLength));
            at = next;
        }
        if (at != end) {
            throw BadFile.of(path, "damaged zip file: %d bytes left in the directory".formatted(end - at));
        }
        return places;
    }

    private Place place(String name, long at, long extra, int extraLength) {
        long[] sizes = {u32(at + 24), u32(at + 20), u32(at + 42)}; // inflated, compressed, local header
        for (long field = extra; field + 4 <= extra + extraLength; field += 4 + u16(field + 2)) {
            if (u16(field) == 1) {
                long value = field + 4;
                for (int i = 0; i < 3; i++) {
                    if (sizes[i] == ABSENT && value + 8 <= field + 4 + u16(field + 2)) {
                        sizes[i] = file.get(U64, value);
                        value += 8;
                    }
                }
            }
        }
        return new Place(name, sizes[2], u16(at + 10), sizes[1], sizes[0], file.get(U32, at + 16));
    }

    private String name(long at, int length, boolean utf8) {
        byte[] bytes = file.asSlice(at, length).toArray(JAVA_BYTE);
        String name = new String(bytes, utf8 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        if (name.chars().anyMatch(c -> c < ' ' || c == 0xfffd || c == '\\' || (!utf8 && c > '~'))
                || name.startsWith("/")
                || List.of(name.split("/", -1)).contains("..")) {
            throw BadFile.of(path, "refused entry name '%s'".formatted(name.replaceAll("[^ -~]", "?")));
        }
        return name;
    }

    private List<Entry> check(List<Place> places, long directory) {
        var entries = new ArrayList<Entry>();
        long free = 0;
        for (Place place :
                places.stream().sorted(Comparator.comparingLong(Place::local)).toList()) {
            long local = place.local();
            if (local < free) {
                throw BadFile.of(path, place.name() + ": overlaps the entry before it");
            }
            if (local > directory - 30 || file.get(U32, local) != 0x04034b50) {
                throw BadFile.of(path, "%s: no local header at byte %d".formatted(place.name(), local));
            }
            int nameLength = u16(local + 26);
            long start = local + 30 + nameLength + u16(local + 28);
            if (place.compressed() < 0 || place.size() < 0 || start > directory - place.compressed()) {
                throw BadFile.of(
                        path,
                        "%s: %d bytes at %d reach into the directory at %d"
                                .formatted(place.name(), place.compressed(), start, directory));
            }
            boolean sameName = nameLength == place.name().getBytes(StandardCharsets.UTF_8).length
                    && name(local + 30, nameLength, (u16(local + 6) & 0x800) != 0)
                            .equals(place.name());
            if (!sameName || u16(local + 8) != place.method()) {
                throw BadFile.of(path, place.name() + ": its local header says otherwise than the directory");
            }
            entries.add(entry(place, file.asSlice(start, place.compressed())));
            free = start + place.compressed();
        }
        return entries;
    }

    private Entry entry(Place place, MemorySegment data) {
        boolean deflated =
                switch (place.method()) {
                    case 0 -> false;
                    case 8 -> true;
                    default ->
                        throw BadFile.of(
                                path,
                                "%s: compression method %d, wanted 0 (stored) or 8 (deflated)"
                                        .formatted(place.name(), place.method()));
                };
        long most = deflated ? place.compressed() * MAX_RATIO : place.compressed();
        if (place.size() > most || (!deflated && place.size() != most)) {
            throw BadFile.of(
                    path,
                    "%s: claims %d bytes from %d, which is impossible"
                            .formatted(place.name(), place.size(), place.compressed()));
        }
        return new Entry(place.name(), deflated, data, place.size(), place.crc());
    }

    private int u16(long at) {
        return Short.toUnsignedInt(file.get(U16, at));
    }

    private long u32(long at) {
        return Integer.toUnsignedLong(file.get(U32, at));
    }
}
