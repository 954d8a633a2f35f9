package dev.fovea.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * The checked header of a safetensors file.
 *
 * @param dataStart where the data begins in the file
 * @param entries tensors, in the order of their data
 */
record SafetensorsHeader(long dataStart, Map<String, String> metadata, List<Entry> entries) {

    /** Longest header that is read; hub clients have the same limit. */
    static final int MAX_BYTES = 25_000_000;

    private static final int MAX_AXES = 64;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxStringLength(MAX_BYTES)
                    .build())
            .build();

    /** A tensor's place: bytes {@code [begin, end)} after {@link #dataStart}. */
    record Entry(String name, DType dtype, long[] shape, long begin, long end) {}

    static SafetensorsHeader read(Path path, MemorySegment file) {
        long size = file.byteSize();
        if (size < 8) {
            throw BadFile.of(path, "not a safetensors file: %d bytes, wanted 8 or more".formatted(size));
        }
        long length = file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
        if (length < 0 || length > MAX_BYTES) {
            throw BadFile.of(
                    path,
                    "not a safetensors file, or a hostile one: the header claims %s bytes, the limit is %d"
                            .formatted(Long.toUnsignedString(length), MAX_BYTES));
        }
        if (length > size - 8) {
            throw BadFile.of(
                    path,
                    "truncated: the header claims %d bytes, the file has %d after its length"
                            .formatted(length, size - 8));
        }
        byte[] header = file.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE);
        if (header.length < 2 || header[0] != '{') {
            throw BadFile.of(path, "not a safetensors file: the header does not begin with '{'");
        }
        SafetensorsHeader parsed = parse(path, header);
        checkData(path, parsed.entries(), size - 8 - length);
        return parsed;
    }

    private static SafetensorsHeader parse(Path path, byte[] header) {
        var metadata = new TreeMap<String, String>();
        var entries = new ArrayList<Entry>();
        String at = "header";
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header));
            try (JsonParser json =
                    JSON.createParser(ObjectReadContext.empty(), text.array(), text.arrayOffset(), text.length())) {
                json.nextToken();
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    at = json.currentName();
                    json.nextToken();
                    if (at.equals("__metadata__")) {
                        readMetadata(path, json, metadata);
                    } else {
                        entries.add(readEntry(path, at, json));
                    }
                }
                at = "header";
                JsonToken after = json.nextToken();
                if (after != null) {
                    throw BadFile.of(path, "header: %s after the closing brace".formatted(after));
                }
            }
        } catch (CharacterCodingException e) {
            throw BadFile.of(path, "header: not UTF-8");
        } catch (JacksonException e) {
            throw BadFile.of(path, "%s: %s".formatted(at, e.getOriginalMessage()));
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        return new SafetensorsHeader(8L + header.length, metadata, entries);
    }

    private static void readMetadata(Path path, JsonParser json, Map<String, String> metadata) {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        expect(path, "__metadata__", json, JsonToken.START_OBJECT);
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            json.nextToken();
            expect(path, "__metadata__." + key, json, JsonToken.VALUE_STRING);
            metadata.put(key, json.getString());
        }
    }

    private static Entry readEntry(Path path, String name, JsonParser json) {
        expect(path, name, json, JsonToken.START_OBJECT);
        String dtype = null;
        long[] shape = null;
        long[] offsets = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "dtype" -> {
                    expect(path, name + ".dtype", json, JsonToken.VALUE_STRING);
                    dtype = json.getString();
                }
                case "shape" -> shape = readLongs(path, name + ".shape", json);
                case "data_offsets" -> offsets = readLongs(path, name + ".data_offsets", json);
                default -> json.skipChildren();
            }
        }
        return entry(path, name, dtype, shape, offsets);
    }

    private static Entry entry(
            Path path, String name, @Nullable String dtype, long @Nullable [] shape, long @Nullable [] offsets) {
        if (dtype == null || shape == null || offsets == null) {
            throw BadFile.of(
                    path,
                    "%s: no %s".formatted(name, dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
        }
        if (offsets.length != 2 || offsets[0] > offsets[1]) {
            throw BadFile.of(
                    path, "%s: data_offsets %s, wanted [begin, end]".formatted(name, Arrays.toString(offsets)));
        }
        long wanted;
        DType type;
        try {
            type = DType.of(dtype);
            wanted = type.bytes(StoredTensor.elements(shape));
        } catch (ArithmeticException e) {
            throw BadFile.of(path, "%s: impossible shape %s of %s".formatted(name, Arrays.toString(shape), dtype));
        } catch (IllegalArgumentException e) {
            throw BadFile.of(path, "%s: %s".formatted(name, e.getMessage()));
        }
        if (offsets[1] - offsets[0] != wanted) {
            throw BadFile.of(
                    path,
                    "%s: %s %s takes %d bytes, data_offsets %s hold %d"
                            .formatted(
                                    name,
                                    dtype,
                                    Arrays.toString(shape),
                                    wanted,
                                    Arrays.toString(offsets),
                                    offsets[1] - offsets[0]));
        }
        return new Entry(name, type, shape, offsets[0], offsets[1]);
    }

    private static long[] readLongs(Path path, String what, JsonParser json) {
        expect(path, what, json, JsonToken.START_ARRAY);
        var values = new long[MAX_AXES];
        int count = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(path, what, json, JsonToken.VALUE_NUMBER_INT);
            if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
                throw BadFile.of(
                        path, "%s: %s, wanted a number from 0 to 2^63-1".formatted(what, abbreviate(json.getString())));
            }
            if (count == MAX_AXES) {
                throw BadFile.of(path, "%s: more than %d numbers".formatted(what, MAX_AXES));
            }
            values[count++] = json.getLongValue();
        }
        return Arrays.copyOf(values, count);
    }

    private static void expect(Path path, String what, JsonParser json, JsonToken wanted) {
        if (json.currentToken() != wanted) {
            throw BadFile.of(path, "%s: found %s, wanted %s".formatted(what, json.currentToken(), wanted));
        }
    }

    private static String abbreviate(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }

    /** No hole, no overlap, nothing after the last tensor. */
    private static void checkData(Path path, List<Entry> entries, long size) {
        long end = 0;
        String last = "the header";
        for (Entry entry : entries) {
            if (entry.begin() != end) {
                throw BadFile.of(
                        path,
                        "%s: begins at byte %d, but %s ends at %d: %s"
                                .formatted(
                                        entry.name(),
                                        entry.begin(),
                                        last,
                                        end,
                                        entry.begin() < end ? "they overlap" : "there is a hole"));
            }
            end = entry.end();
            last = entry.name();
        }
        if (end > size) {
            throw BadFile.of(path, "%s: ends at byte %d, the file's data has %d: truncated".formatted(last, end, size));
        }
        if (end < size) {
            throw BadFile.of(path, "%d bytes after the end of %s, the last tensor".formatted(size - end, last));
        }
    }
}
