package dev.fovea.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads MessagePack out of memory, without copying binary data. Values are null, {@link Boolean}, {@link Long},
 * {@link Double}, {@link String}, {@link MemorySegment} for binary, {@link List}, {@link Map} with texts as keys, and
 * {@link Ext}. What a file claims is checked against what it has before anything is made for it.
 */
final class Msgpack {

    /** A value of a type that MessagePack does not know itself. */
    record Ext(int type, MemorySegment data) {}

    private static final int MAX_DEPTH = 64;

    /** Values that one file may hold: hundreds of times what the largest published one has. */
    private static final long MAX_VALUES = 4_000_000;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment bytes;
    private long at;
    private long values;

    private Msgpack(MemorySegment bytes) {
        this.bytes = bytes;
    }

    /**
     * The one value that the bytes hold.
     *
     * @throws IllegalArgumentException where they hold something else
     */
    static @Nullable Object read(MemorySegment bytes) {
        var reader = new Msgpack(bytes);
        Object value = reader.value(0);
        if (reader.at != bytes.byteSize()) {
            throw new IllegalArgumentException(
                    "%d bytes after the value that ends at %d".formatted(bytes.byteSize() - reader.at, reader.at));
        }
        return value;
    }

    private @Nullable Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("byte %d: nested deeper than %d".formatted(at, MAX_DEPTH));
        }
        if (++values > MAX_VALUES) {
            throw new IllegalArgumentException("byte %d: more than %d values".formatted(at, MAX_VALUES));
        }
        long start = at;
        int b = Byte.toUnsignedInt(bytes.get(JAVA_BYTE, take(1)));
        if (b < 0x80) {
            return (long) b;
        } else if (b < 0x90) {
            return map(b & 0xf, depth);
        } else if (b < 0xa0) {
            return list(b & 0xf, depth);
        } else if (b < 0xc0) {
            return text(b & 0x1f);
        } else if (b >= 0xe0) {
            return (long) (byte) b;
        }
        return switch (b) {
            case 0xc0 -> null;
            case 0xc2 -> false;
            case 0xc3 -> true;
            case 0xc4 -> binary(u8());
            case 0xc5 -> binary(u16());
            case 0xc6 -> binary(u32());
            case 0xc7 -> ext(u8());
            case 0xc8 -> ext(u16());
            case 0xc9 -> ext(u32());
            case 0xca -> (double) Float.intBitsToFloat(bytes.get(INT, take(4)));
            case 0xcb -> Double.longBitsToDouble(bytes.get(LONG, take(8)));
            case 0xcc -> (long) u8();
            case 0xcd -> (long) u16();
            case 0xce -> u32();
            case 0xcf -> u64();
            case 0xd0 -> (long) bytes.get(JAVA_BYTE, take(1));
            case 0xd1 -> (long) bytes.get(SHORT, take(2));
            case 0xd2 -> (long) bytes.get(INT, take(4));
            case 0xd3 -> bytes.get(LONG, take(8));
            case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8 -> ext(1L << (b - 0xd4));
            case 0xd9 -> text(u8());
            case 0xda -> text(u16());
            case 0xdb -> text(u32());
            case 0xdc -> list(u16(), depth);
            case 0xdd -> list(u32(), depth);
            case 0xde -> map(u16(), depth);
            case 0xdf -> map(u32(), depth);
            default -> throw new IllegalArgumentException("byte %d: 0x%02x begins no value".formatted(start, b));
        };
    }

    private List<@Nullable Object> list(long count, int depth) {
        requireLeft(count, "a list of %d values");
        var list = new ArrayList<@Nullable Object>((int) Math.min(count, 1024));
        for (long i = 0; i < count; i++) {
            list.add(value(depth + 1));
        }
        return list;
    }

    private Map<String, @Nullable Object> map(long count, int depth) {
        requireLeft(2 * count, "a map of %d keys and values");
        var map = new LinkedHashMap<String, @Nullable Object>();
        for (long i = 0; i < count; i++) {
            long start = at;
            if (!(value(depth + 1) instanceof String key)) {
                throw new IllegalArgumentException("byte %d: a key of a map is no text".formatted(start));
            }
            Object value = value(depth + 1);
            if (map.containsKey(key)) {
                throw new IllegalArgumentException("byte %d: key %s stands twice in a map".formatted(start, key));
            }
            map.put(key, value);
        }
        return map;
    }

    private String text(long length) {
        byte[] utf8 = binary(length).toArray(JAVA_BYTE);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("byte %d: a text that is no UTF-8".formatted(at - length), e);
        }
    }

    private MemorySegment binary(long length) {
        return bytes.asSlice(take(length), length);
    }

    private Ext ext(long length) {
        int type = bytes.get(JAVA_BYTE, take(1));
        return new Ext(type, binary(length));
    }

    private int u8() {
        return Byte.toUnsignedInt(bytes.get(JAVA_BYTE, take(1)));
    }

    private int u16() {
        return Short.toUnsignedInt(bytes.get(SHORT, take(2)));
    }

    private long u32() {
        return Integer.toUnsignedLong(bytes.get(INT, take(4)));
    }

    private long u64() {
        long start = at;
        long value = bytes.get(LONG, take(8));
        if (value < 0) {
            throw new IllegalArgumentException(
                    "byte %d: %s is larger than any size here".formatted(start, Long.toUnsignedString(value)));
        }
        return value;
    }

    private long take(long length) {
        requireLeft(length, "%d bytes");
        long start = at;
        at += length;
        return start;
    }

    /** Nothing takes less than a byte. */
    private void requireLeft(long count, String what) {
        if (count > bytes.byteSize() - at) {
            throw new IllegalArgumentException(
                    ("byte %d: " + what + " where %d bytes are left").formatted(at, count, bytes.byteSize() - at));
        }
    }
}
