package dev.fovea.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the authors of V-MoE put into MessagePack: arrays, blocks of arrays, and where blocks lie. */
final class MsgpackValues {

    private static final int NDARRAY = 1;
    private static final int SCALAR = 3;
    private static final int BLOCK = 6;
    private static final int INFO = 8;
    private static final int MAX_AXES = 32;

    private MsgpackValues() {}

    /** A block of an array: from start to stop on each axis. */
    record Block(List<Long> start, List<Long> stop) {

        long size(int axis) {
            return stop.get(axis) - start.get(axis);
        }

        long elements() {
            long n = 1;
            for (int axis = 0; axis < start.size(); axis++) {
                n = Math.multiplyExact(n, size(axis));
            }
            return n;
        }

        boolean overlaps(Block o) {
            return IntStream.range(0, start.size())
                    .allMatch(a -> start.get(a) < o.stop.get(a) && o.start.get(a) < stop.get(a));
        }

        @Override
        public String toString() {
            return start + " to " + stop;
        }
    }

    /** An array's type and shape, its blocks, and the shard that each lies in. */
    record ArrayInfo(DType dtype, long[] shape, List<Block> blocks, List<Long> shards) {

        boolean expects(Block block, int shard) {
            return IntStream.range(0, blocks.size())
                    .anyMatch(i -> shards.get(i) == shard && blocks.get(i).equals(block));
        }
    }

    /** A block's values, row-major, in one or more parts. */
    record Piece(Block block, DType dtype, List<MemorySegment> parts) {}

    static ArrayInfo info(String name, @Nullable Object value) {
        List<?> fields = fields(name, unpack(name, value, INFO), 3);
        List<?> array = fields(name, Msgpack.read(bytes(name, fields.get(0))), 4);
        long[] shape = shape(name, array.get(0));
        var blocks = new ArrayList<Block>();
        for (Object one : list(name, fields.get(1))) {
            blocks.add(block(name, Msgpack.read(bytes(name, one))));
        }
        List<Long> shards =
                list(name, fields.get(2)).stream().map(x -> integer(name, x)).toList();
        if (blocks.size() != shards.size()) {
            throw new IllegalArgumentException(
                    "%s: %d blocks and %d shard numbers".formatted(name, blocks.size(), shards.size()));
        }
        var info = new ArrayInfo(dtype(name, array.get(1)), shape, blocks, shards);
        requireTiling(name, info);
        return info;
    }

    static Piece piece(String name, @Nullable Object value) {
        List<?> pair = fields(name, value, 2);
        Block block = block(name, unpack(name, pair.get(1), BLOCK));
        DType dtype = null;
        var parts = new ArrayList<MemorySegment>();
        for (Object part : list(name, pair.get(0))) {
            StoredTensor x = array(name, part);
            if (dtype != null && dtype != x.dtype()) {
                throw new IllegalArgumentException("%s: parts of %s and of %s".formatted(name, dtype, x.dtype()));
            }
            dtype = x.dtype();
            parts.add(x.data());
        }
        if (dtype == null) {
            throw new IllegalArgumentException(name + ": a block without values");
        }
        return new Piece(block, dtype, parts);
    }

    /** One tensor of all its blocks: in place where there is one of one part, else copied together. */
    static StoredTensor assemble(String name, ArrayInfo info, List<Piece> pieces) {
        if (pieces.size() != info.blocks().size()
                || pieces.stream().map(Piece::block).distinct().count() != pieces.size()) {
            throw new IllegalArgumentException("the shards hold %d blocks of it, the index %d"
                    .formatted(pieces.size(), info.blocks().size()));
        }
        for (Piece piece : pieces) {
            long found =
                    piece.parts().stream().mapToLong(MemorySegment::byteSize).sum();
            long wanted = info.dtype().bytes(piece.block().elements());
            if (piece.dtype() != info.dtype() || found != wanted) {
                throw new IllegalArgumentException("block %s: %d bytes of %s, wanted %d of %s"
                        .formatted(piece.block(), found, piece.dtype(), wanted, info.dtype()));
            }
        }
        if (pieces.size() == 1 && pieces.getFirst().parts().size() == 1) {
            return new StoredTensor(
                    name, info.dtype(), info.shape(), pieces.getFirst().parts().getFirst());
        }
        MemorySegment data = NpyArray.allocate(info.dtype().bytes(StoredTensor.elements(info.shape())));
        pieces.forEach(piece -> copy(joined(piece), piece.block(), info, data));
        return new StoredTensor(name, info.dtype(), info.shape(), data);
    }

    private static MemorySegment joined(Piece piece) {
        if (piece.parts().size() == 1) {
            return piece.parts().getFirst();
        }
        MemorySegment all = NpyArray.allocate(
                piece.parts().stream().mapToLong(MemorySegment::byteSize).sum());
        long at = 0;
        for (MemorySegment part : piece.parts()) {
            MemorySegment.copy(part, 0, all, at, part.byteSize());
            at += part.byteSize();
        }
        return all;
    }

    /** Copies a block's rows, which are whole in memory, to their places. */
    private static void copy(MemorySegment from, Block block, ArrayInfo info, MemorySegment to) {
        int axes = info.shape().length;
        long width = info.dtype().bits() / 8;
        long run = axes == 0 ? width : block.size(axes - 1) * width;
        long rows = run == 0 ? 0 : from.byteSize() / run;
        var index = new long[axes];
        for (long row = 0; row < rows; row++) {
            long left = row;
            for (int axis = axes - 2; axis >= 0; axis--) {
                index[axis] = left % block.size(axis);
                left /= block.size(axis);
            }
            long at = 0;
            for (int axis = 0; axis < axes; axis++) {
                at = at * info.shape()[axis] + block.start().get(axis) + index[axis];
            }
            MemorySegment.copy(from, row * run, to, at * width, run);
        }
    }

    /** Every element lies in exactly one block. */
    private static void requireTiling(String name, ArrayInfo info) {
        long elements = 0;
        for (Block block : info.blocks()) {
            if (block.start().size() != info.shape().length) {
                throw new IllegalArgumentException(
                        "%s: block %s of an array %s".formatted(name, block, Arrays.toString(info.shape())));
            }
            for (int axis = 0; axis < info.shape().length; axis++) {
                if (block.start().get(axis) < 0
                        || block.stop().get(axis) < block.start().get(axis)
                        || block.stop().get(axis) > info.shape()[axis]) {
                    throw new IllegalArgumentException(
                            "%s: block %s is not inside %s".formatted(name, block, Arrays.toString(info.shape())));
                }
            }
            elements = Math.addExact(elements, block.elements());
        }
        boolean apart = new HashSet<>(info.blocks()).size() == info.blocks().size();
        for (int i = 0; apart && i < info.blocks().size(); i++) {
            for (int j = 0; j < i; j++) {
                apart &= !info.blocks().get(i).overlaps(info.blocks().get(j));
            }
        }
        if (!apart || elements != StoredTensor.elements(info.shape())) {
            throw new IllegalArgumentException(
                    "%s: its blocks do not cover %s once".formatted(name, Arrays.toString(info.shape())));
        }
    }

    private static Block block(String name, @Nullable Object value) {
        var start = new ArrayList<Long>();
        var stop = new ArrayList<Long>();
        for (Object one : list(name, value)) {
            List<?> slice = fields(name, Msgpack.read(bytes(name, one)), 3);
            if (slice.get(2) != null && integer(name, slice.get(2)) != 1) {
                throw new IllegalArgumentException("%s: a block with step %s".formatted(name, slice.get(2)));
            }
            start.add(integer(name, slice.get(0)));
            stop.add(integer(name, slice.get(1)));
        }
        return new Block(start, stop);
    }

    private static StoredTensor array(String name, @Nullable Object value) {
        int type = value instanceof Msgpack.Ext ext ? ext.type() : NDARRAY;
        List<?> fields = fields(name, unpack(name, value, type == SCALAR ? SCALAR : NDARRAY), 3);
        return new StoredTensor(
                name, dtype(name, fields.get(1)), shape(name, fields.get(0)), bytes(name, fields.get(2)));
    }

    private static long[] shape(String name, @Nullable Object value) {
        List<?> sizes = list(name, value);
        if (sizes.size() > MAX_AXES) {
            throw new IllegalArgumentException(
                    "%s: %d axes, wanted at most %d".formatted(name, sizes.size(), MAX_AXES));
        }
        return sizes.stream().mapToLong(x -> integer(name, x)).toArray();
    }

    private static DType dtype(String name, @Nullable Object value) {
        String type = value instanceof MemorySegment raw && raw.byteSize() <= MAX_AXES
                ? new String(raw.toArray(JAVA_BYTE), StandardCharsets.UTF_8)
                : String.valueOf(value);
        return switch (type) {
            case "bool" -> DType.BOOL;
            case "uint8" -> DType.U8;
            case "int8" -> DType.I8;
            case "uint16" -> DType.U16;
            case "int16" -> DType.I16;
            case "uint32" -> DType.U32;
            case "int32" -> DType.I32;
            case "uint64" -> DType.U64;
            case "int64" -> DType.I64;
            case "bfloat16" -> DType.BF16;
            case "float16" -> DType.F16;
            case "float32" -> DType.F32;
            case "float64" -> DType.F64;
            default -> throw new IllegalArgumentException("%s: type %s is not known".formatted(name, type));
        };
    }

    private static @Nullable Object unpack(String name, @Nullable Object value, int type) {
        if (value instanceof Msgpack.Ext ext && ext.type() == type) {
            return Msgpack.read(ext.data());
        }
        throw wrong(name, "an extension of type " + type, value);
    }

    private static List<?> fields(String name, @Nullable Object value, int count) {
        List<?> fields = list(name, value);
        if (fields.size() != count) {
            throw new IllegalArgumentException("%s: %d fields, wanted %d".formatted(name, fields.size(), count));
        }
        return fields;
    }

    private static MemorySegment bytes(String name, @Nullable Object value) {
        if (value instanceof MemorySegment bytes) {
            return bytes;
        }
        throw wrong(name, "binary data", value);
    }

    static List<?> list(String name, @Nullable Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw wrong(name, "a list", value);
    }

    @SuppressWarnings("unchecked") // the reader takes texts alone for keys
    static Map<String, ?> map(String name, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, ?>) map;
        }
        throw wrong(name, "a map", value);
    }

    static long integer(String name, @Nullable Object value) {
        if (value instanceof Long number) {
            return number;
        }
        throw wrong(name, "a whole number", value);
    }

    private static IllegalArgumentException wrong(String name, String wanted, @Nullable Object value) {
        String found =
                switch (value) {
                    case null -> "nothing";
                    case Msgpack.Ext ext -> "an extension of type " + ext.type();
                    case MemorySegment _ -> "binary data";
                    case List<?> _ -> "a list";
                    case Map<?, ?> _ -> "a map";
                    default -> value.toString();
                };
        return new IllegalArgumentException("%s: found %s, wanted %s".formatted(name, found, wanted));
    }
}
