package dev.fovea.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.CRC32;

/**
 * Files of {@code torch.save}: the zip of today and the sequence of pickles of before PyTorch 1.6. Tensors in dictionaries are read,
 * those in a dictionary of a dictionary under both names with a dot between; other values beside them are left out. No
 * code of the file is run: what calls anything but the making of tensors is refused. Contiguous tensors stay in the mapped file.
 */
final class TorchFile {

    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;
    private static final int MAX_DEPTH = 16;
    private static final String PICKLE = "data.pkl";
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final Map<String, DType> TYPES = Map.of(
            "DoubleStorage", DType.F64,
            "FloatStorage", DType.F32,
            "HalfStorage", DType.F16,
            "BFloat16Storage", DType.BF16,
            "LongStorage", DType.I64,
            "IntStorage", DType.I32,
            "ShortStorage", DType.I16,
            "CharStorage", DType.I8,
            "ByteStorage", DType.U8,
            "BoolStorage", DType.BOOL);

    /** Elements that tensors share. */
    private record Storage(DType dtype, String key, long elements) {}

    /** A tensor as a view of its storage, in elements. */
    private record View(Storage storage, long offset, long[] shape, long[] strides) {}

    private static final class Dictionary extends LinkedHashMap<Object, Object> {
        private static final long serialVersionUID = 1;
    }

    private TorchFile() {}

    /** The tensors whose name is wanted, in the order of the file. */
    static SequencedMap<String, StoredTensor> read(Path path, Predicate<String> wanted) {
        return read(path, Mapping.of(path), wanted);
    }

    static SequencedMap<String, StoredTensor> read(Path path, MemorySegment file, Predicate<String> wanted) {
        try {
            boolean isZip = file.byteSize() > 1 && file.get(JAVA_BYTE, 0) == 'P' && file.get(JAVA_BYTE, 1) == 'K';
            return isZip ? zipped(path, file, wanted) : pickled(file, wanted);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw BadFile.of(path, String.valueOf(e.getMessage()));
        }
    }

    private static SequencedMap<String, StoredTensor> zipped(Path path, MemorySegment file, Predicate<String> wanted) {
        var entries = new HashMap<String, ZipDirectory.Entry>();
        for (ZipDirectory.Entry entry : ZipDirectory.read(path, file)) {
            entries.put(entry.name().substring(entry.name().indexOf('/') + 1), entry);
        }
        ZipDirectory.Entry order = entries.get("byteorder");
        if (order != null && stored(order).byteSize() != "little".length()) {
            throw new IllegalArgumentException("its numbers are big-endian, wanted little-endian ones");
        }
        if (!entries.containsKey(PICKLE)) {
            throw new IllegalArgumentException("a zip without %s: not written by torch.save".formatted(PICKLE));
        }
        Object root = Pickle.read(stored(entries.get(PICKLE)), 0, new Maker()).value();
        var storages = new HashMap<String, MemorySegment>();
        var tensors = new LinkedHashMap<String, StoredTensor>();
        views(root, wanted).forEach((name, view) -> {
            Storage storage = view.storage();
            MemorySegment data = storages.computeIfAbsent(storage.key(), key -> {
                ZipDirectory.Entry entry = entries.get("data/" + key);
                if (entry == null) {
                    throw new IllegalArgumentException("%s: its data, data/%s, is missing".formatted(name, key));
                }
                return stored(entry);
            });
            tensors.put(name, tensor(name, view, data));
        });
        return tensors;
    }

    private static MemorySegment stored(ZipDirectory.Entry entry) {
        if (entry.deflated()) {
            throw new IllegalArgumentException(entry.name() + ": deflated, torch.save stores");
        }
        MemorySegment data = entry.data();
        var crc = new CRC32();
        NpzFile.update(crc, data);
        try {
            NpzFile.checkCrc(crc, entry);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(entry.name() + ": " + e.getMessage(), e);
        }
        return data;
    }

    private static SequencedMap<String, StoredTensor> pickled(MemorySegment file, Predicate<String> wanted) {
        var maker = new Maker();
        Pickle.Read magic = Pickle.read(file, 0, maker);
        if (!MAGIC.equals(magic.value())) {
            throw new IllegalArgumentException("not written by torch.save: its magic number is missing");
        }
        Pickle.Read protocol = Pickle.read(file, magic.end(), maker);
        Pickle.Read system = Pickle.read(file, protocol.end(), maker);
        if (!protocol.value().equals(PROTOCOL)
                || !(system.value() instanceof Map<?, ?> about)
                || !Boolean.TRUE.equals(about.get("little_endian"))) {
            throw new IllegalArgumentException("another version of torch.save, or big-endian numbers");
        }
        Pickle.Read root = Pickle.read(file, system.end(), maker);
        Pickle.Read keys = Pickle.read(file, root.end(), maker);
        if (!(keys.value() instanceof List<?> list)) {
            throw new IllegalArgumentException("the list of what it stores is missing");
        }
        var storages = new HashMap<String, MemorySegment>();
        long at = keys.end();
        for (Object key : list) {
            Storage storage = key instanceof String name ? maker.storages.get(name) : null;
            if (storage == null) {
                throw new IllegalArgumentException("it stores what no tensor uses");
            }
            long bytes = storage.dtype().bytes(storage.elements());
            if (at > file.byteSize() - Long.BYTES
                    || bytes > file.byteSize() - Long.BYTES - at
                    || file.get(I64, at) != storage.elements()) {
                throw new IllegalArgumentException("%d values of %s wanted at byte %d: truncated or damaged"
                        .formatted(storage.elements(), storage.dtype(), at));
            }
            storages.put(storage.key(), file.asSlice(at + Long.BYTES, bytes));
            at += Long.BYTES + bytes;
        }
        var tensors = new LinkedHashMap<String, StoredTensor>();
        views(root.value(), wanted).forEach((name, view) -> {
            MemorySegment data = storages.get(view.storage().key());
            if (data == null) {
                throw new IllegalArgumentException(name + ": its data is missing");
            }
            tensors.put(name, tensor(name, view, data));
        });
        return tensors;
    }

    private static SequencedMap<String, View> views(Object root, Predicate<String> wanted) {
        if (!(root instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("found %s, wanted a dictionary of tensors; save the state_dict"
                    .formatted(root instanceof View ? "one tensor" : "something else"));
        }
        var views = new LinkedHashMap<String, View>();
        collect(map, "", 0, Collections.newSetFromMap(new IdentityHashMap<>()), views);
        if (views.isEmpty()) {
            throw new IllegalArgumentException("no tensors in it");
        }
        views.keySet().removeIf(wanted.negate());
        return views;
    }

    /** Each dictionary once, so that one that holds itself, or is held in many places, is not gone through again and again. */
    private static void collect(
            Map<?, ?> map, String prefix, int depth, Set<Object> seen, SequencedMap<String, View> into) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("dictionaries nested deeper than %d".formatted(MAX_DEPTH));
        }
        if (!seen.add(map)) {
            return;
        }
        map.forEach((key, value) -> {
            String name = prefix + key;
            switch (value) {
                case View view -> into.put(name, view);
                case Map<?, ?> inner -> collect(inner, name + ".", depth + 1, seen, into);
                default -> {} // a number of steps, a name
            }
        });
    }

    private static StoredTensor tensor(String name, View view, MemorySegment storage) {
        DType dtype = view.storage().dtype();
        long count = StoredTensor.elements(view.shape());
        long width = dtype.bytes(1);
        if (isContiguous(view)) {
            long bytes = dtype.bytes(count);
            long at = Math.multiplyExact(view.offset(), width);
            if (at < 0 || bytes > storage.byteSize() - at) {
                throw new IllegalArgumentException(
                        "%s: %d bytes wanted at %d of %d".formatted(name, bytes, at, storage.byteSize()));
            }
            return new StoredTensor(name, dtype, view.shape(), storage.asSlice(at, bytes));
        }
        if (count > storage.byteSize() / width) {
            throw new IllegalArgumentException(
                    "%s: %d values from %d stored ones".formatted(name, count, storage.byteSize() / width));
        }
        requireWithin(name, view, count, storage.byteSize() / width);
        return new StoredTensor(
                name,
                dtype,
                view.shape(),
                NpyArray.gathered(storage, view.offset(), view.shape(), view.strides(), width));
    }

    private static boolean isContiguous(View view) {
        long step = 1;
        for (int axis = view.shape().length - 1; axis >= 0; axis--) {
            if (view.shape()[axis] == 0) {
                return true;
            }
            if (view.shape()[axis] != 1 && view.strides()[axis] != step) {
                return false;
            }
            step = Math.multiplyExact(step, view.shape()[axis]);
        }
        return true;
    }

    private static void requireWithin(String name, View view, long count, long stored) {
        long last = view.offset();
        for (int axis = 0; axis < view.shape().length; axis++) {
            last = Math.addExact(last, Math.multiplyExact(view.shape()[axis] - 1, view.strides()[axis]));
        }
        if (view.offset() < 0 || last >= stored) {
            throw new IllegalArgumentException("%s: value %d lies at %d of %d stored ones"
                    .formatted(
                            name, view.offset() < 0 ? 0 : count - 1, view.offset() < 0 ? view.offset() : last, stored));
        }
    }

    /** Makes tensors of what a file asks for, and nothing else. */
    private static final class Maker implements Pickle.Caller {

        private final Map<String, Storage> storages = new HashMap<>();

        @Override
        public Object persistent(Object id) {
            if (id instanceof Pickle.Tuple(List<Object> values)
                    && values.size() >= 5
                    && values.get(0).equals("storage")
                    && values.get(1) instanceof Pickle.Global(String _, String type)
                    && values.get(2) instanceof String key
                    && values.get(4) instanceof Long elements
                    && elements >= 0
                    && (values.size() == 5 || values.get(5) == Pickle.None.NONE)) {
                DType dtype = TYPES.get(type);
                if (dtype == null) {
                    throw new IllegalArgumentException("a tensor of %s, wanted one of %s"
                            .formatted(type, TYPES.keySet().stream().sorted().toList()));
                }
                var storage = new Storage(dtype, key, elements);
                Storage before = storages.putIfAbsent(key, storage);
                if (before != null && !before.equals(storage)) {
                    throw new IllegalArgumentException("storage %s is of two types or sizes".formatted(key));
                }
                return storage;
            }
            throw new IllegalArgumentException("found an outside object that is no storage of a tensor");
        }

        @Override
        public Object call(Pickle.Global function, List<Object> arguments) {
            return switch (function.toString()) {
                case "collections.OrderedDict" -> new Dictionary();
                case "torch._utils._rebuild_tensor_v2" -> view(arguments);
                case "torch._utils._rebuild_parameter" -> {
                    if (arguments.isEmpty() || !(arguments.getFirst() instanceof View parameter)) {
                        throw new IllegalArgumentException("a parameter without a tensor");
                    }
                    yield parameter;
                }
                default ->
                    throw new IllegalArgumentException(
                            "calls %s, which makes no tensor; save the state_dict alone".formatted(function));
            };
        }

        /** What PyTorch notes beside a dictionary of parameters. */
        @Override
        public boolean isStateless(Object o) {
            return o instanceof Dictionary;
        }

        private static View view(List<Object> a) {
            if (a.size() < 4
                    || !(a.get(0) instanceof Storage storage)
                    || !(a.get(1) instanceof Long offset)
                    || !(a.get(2) instanceof Pickle.Tuple(List<Object> sizes))
                    || !(a.get(3) instanceof Pickle.Tuple(List<Object> steps))
                    || sizes.size() != steps.size()) {
                throw new IllegalArgumentException(
                        "a tensor of other arguments than storage, offset, sizes and strides");
            }
            return new View(storage, offset, numbers(sizes), numbers(steps));
        }

        private static long[] numbers(List<Object> values) {
            return values.stream()
                    .mapToLong(x -> {
                        if (!(x instanceof Long n) || n < 0) {
                            throw new IllegalArgumentException("a size or stride that is no number from 0 on");
                        }
                        return n;
                    })
                    .toArray();
        }
    }
}
