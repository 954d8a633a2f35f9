package dev.fovea.checkpoint;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads a GGUF header from front to back; nothing is allocated for what the file does not hold. */
final class GgufCursor {

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private final Path path;
    private final MemorySegment file;
    private long at;
    private String where = "header";

    GgufCursor(Path path, MemorySegment file) {
        this.path = path;
        this.file = file;
    }

    /** Names what is being read, for messages. */
    void reading(String what) {
        where = what;
    }

    long position() {
        return at;
    }

    int u8() {
        return file.get(ValueLayout.JAVA_BYTE, take(1)) & 0xFF;
    }

    int u16() {
        return file.get(U16, take(2)) & 0xFFFF;
    }

    int i32() {
        return file.get(U32, take(4));
    }

    long u32() {
        return Integer.toUnsignedLong(i32());
    }

    long i64() {
        return file.get(U64, take(8));
    }

    /** An unsigned number that a long holds. */
    long u64() {
        long value = i64();
        if (value < 0) {
            throw bad("%s, wanted at most 2^63-1".formatted(Long.toUnsignedString(value)));
        }
        return value;
    }

    /** How many entries follow, each of {@code bytes} or more; refused where the file is too short for them. */
    int count(long bytes) {
        long count = u64();
        if (count > (file.byteSize() - at) / bytes || count > Integer.MAX_VALUE - 8) {
            throw bad("%d entries of %d bytes or more, the file has %d bytes left"
                    .formatted(count, bytes, file.byteSize() - at));
        }
        return (int) count;
    }

    /** A text; what is not UTF-8 in it becomes U+FFFD. */
    String string() {
        int length = count(1);
        return new String(file.asSlice(take(length), length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    RuntimeException bad(String what) {
        return BadFile.of(path, "%s: %s".formatted(where, what));
    }

    private long take(long bytes) {
        if (file.byteSize() - at < bytes) {
            throw bad("the file ends at byte %d, %d bytes are missing"
                    .formatted(file.byteSize(), bytes - (file.byteSize() - at)));
        }
        at += bytes;
        return at - bytes;
    }
}
