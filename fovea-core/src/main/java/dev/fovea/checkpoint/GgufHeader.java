package dev.fovea.checkpoint;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.RandomAccess;
import java.util.Set;

/** The checked header of a GGUF file: its metadata, and where the tensors lie. */
record GgufHeader(GgufMetadata metadata, List<GgufTensor> tensors) {

    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final Set<Integer> VERSIONS = Set.of(2, 3);
    private static final long DEFAULT_ALIGNMENT = 32;
    /** The format's own limit. */
    private static final int MAX_AXES = 4;
    /** Of an entry: a name, and type and value; or the number of axes, a size, type and offset. */
    private static final long MIN_KEY_BYTES = 8 + 4 + 1;

    private static final long MIN_TENSOR_BYTES = 8 + 4 + 4 + 8;

    private record Place(String name, GgufType type, long[] shape, long offset, long bytes) {}

    static GgufHeader read(Path path, MemorySegment file) {
        var in = new GgufCursor(path, file);
        if (file.byteSize() < 4 || in.i32() != MAGIC) {
            throw BadFile.of(path, "not a GGUF file: it does not begin with GGUF");
        }
        int version = in.i32();
        if (!VERSIONS.contains(version)) {
            throw BadFile.of(
                    path,
                    VERSIONS.contains(Integer.reverseBytes(version))
                            ? "a big-endian GGUF file, which is not supported"
                            : "GGUF version %s, wanted one of 2 and 3".formatted(Integer.toUnsignedString(version)));
        }
        int numTensors = in.count(MIN_TENSOR_BYTES);
        int numKeys = in.count(MIN_KEY_BYTES);
        var values = new LinkedHashMap<String, Object>();
        for (int i = 0; i < numKeys; i++) {
            in.reading("key %d".formatted(i));
            String key = in.string();
            in.reading(key);
            if (values.put(key, value(in, in.i32())) != null) {
                throw in.bad("this key is there twice");
            }
        }
        var metadata = new GgufMetadata(path, values);
        List<Place> places = places(in, numTensors);
        return new GgufHeader(metadata, tensors(path, file, places, alignment(path, metadata), in.position()));
    }

    private static long alignment(Path path, GgufMetadata metadata) {
        long alignment = metadata.integer("general.alignment", DEFAULT_ALIGNMENT);
        if (alignment < 1 || alignment > 1 << 20 || Long.bitCount(alignment) != 1) {
            throw BadFile.of(path, "general.alignment: %d, wanted a power of 2 up to 2^20".formatted(alignment));
        }
        return alignment;
    }

    private static Object value(GgufCursor in, int type) {
        return switch (type) {
            case 0 -> (long) in.u8();
            case 1 -> (long) (byte) in.u8();
            case 2 -> (long) in.u16();
            case 3 -> (long) (short) in.u16();
            case 4 -> in.u32();
            case 5 -> (long) in.i32();
            case 6 -> (double) Float.intBitsToFloat(in.i32());
            case 7 -> in.u8() != 0;
            case 8 -> in.string();
            case 9 -> array(in, in.i32());
            case 10 -> in.u64();
            case 11 -> in.i64();
            case 12 -> Double.longBitsToDouble(in.i64());
            default -> throw in.bad("value type %s, wanted 0 to 12".formatted(Integer.toUnsignedString(type)));
        };
    }

    private static List<?> array(GgufCursor in, int type) {
        return switch (type) {
            case 0, 1, 2, 3, 4, 5, 10, 11 -> {
                var values = new long[in.count(bytes(type))];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (long) value(in, type);
                }
                yield new Longs(values);
            }
            case 6, 12 -> {
                var values = new double[in.count(bytes(type))];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (double) value(in, type);
                }
                yield new Doubles(values);
            }
            case 7, 8 -> {
                int count = in.count(bytes(type));
                var values = new ArrayList<Object>(count);
                for (int i = 0; i < count; i++) {
                    values.add(value(in, type));
                }
                yield values;
            }
            default -> throw in.bad("an array of value type %s".formatted(Integer.toUnsignedString(type)));
        };
    }

    private static long bytes(int type) {
        return switch (type) {
            case 0, 1, 7 -> 1;
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            default -> 8; // for a string its length, at least
        };
    }

    private static List<Place> places(GgufCursor in, int count) {
        var places = new ArrayList<Place>(count);
        var names = new HashSet<String>();
        for (int i = 0; i < count; i++) {
            in.reading("tensor %d".formatted(i));
            String name = in.string();
            in.reading(name);
            long axes = in.u32();
            if (axes > MAX_AXES) {
                throw in.bad("%d axes, wanted at most %d".formatted(axes, MAX_AXES));
            }
            var shape = new long[(int) axes];
            for (int a = shape.length - 1; a >= 0; a--) { // innermost first
                shape[a] = in.u64();
            }
            long type = in.u32();
            long offset = in.u64();
            if (!names.add(name)) {
                throw in.bad("this tensor is there twice");
            }
            try {
                GgufType known = GgufType.of(type);
                places.add(new Place(name, known, shape, offset, known.bytes(shape)));
            } catch (ArithmeticException | IllegalArgumentException e) {
                throw in.bad(String.valueOf(e.getMessage()));
            }
        }
        return places;
    }

    /** Slices of the file, in the header's order; none reaches past its end, begins askew or overlaps another. */
    private static List<GgufTensor> tensors(
            Path path, MemorySegment file, List<Place> places, long alignment, long headerEnd) {
        long start = (headerEnd + alignment - 1) / alignment * alignment;
        long size = Math.max(0, file.byteSize() - start);
        for (Place x : places) {
            if (x.offset % alignment != 0) {
                throw BadFile.of(
                        path, "%s: begins at byte %d, no multiple of %d".formatted(x.name, x.offset, alignment));
            }
            if (x.offset > size || x.bytes > size - x.offset) {
                throw BadFile.of(
                        path,
                        "%s: %d bytes from byte %d, the file's data has %d".formatted(x.name, x.bytes, x.offset, size));
            }
        }
        Place last = null;
        for (Place x : places.stream()
                .filter(p -> p.bytes > 0)
                .sorted(Comparator.comparingLong(Place::offset))
                .toList()) {
            if (last != null && last.offset + last.bytes > x.offset) {
                throw BadFile.of(path, "%s and %s overlap".formatted(last.name, x.name));
            }
            last = x;
        }
        return places.stream()
                .map(x -> new GgufTensor(
                        x.name,
                        x.type,
                        x.shape,
                        x.bytes == 0 ? file.asSlice(0, 0) : file.asSlice(start + x.offset, x.bytes)))
                .toList();
    }

    private static final class Longs extends AbstractList<Long> implements RandomAccess {

        private final long[] values;

        Longs(long... values) {
            this.values = values;
        }

        @Override
        public Long get(int i) {
            return values[i];
        }

        @Override
        public int size() {
            return values.length;
        }
    }

    private static final class Doubles extends AbstractList<Double> implements RandomAccess {

        private final double[] values;

        Doubles(double... values) {
            this.values = values;
        }

        @Override
        public Double get(int i) {
            return values[i];
        }

        @Override
        public int size() {
            return values.length;
        }
    }
}
