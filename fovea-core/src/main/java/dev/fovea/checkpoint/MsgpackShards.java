package dev.fovea.checkpoint;

import static dev.fovea.checkpoint.MsgpackValues.integer;
import static dev.fovea.checkpoint.MsgpackValues.list;
import static dev.fovea.checkpoint.MsgpackValues.map;

import dev.fovea.checkpoint.MsgpackValues.ArrayInfo;
import dev.fovea.checkpoint.MsgpackValues.Piece;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * The sharded checkpoints that the V-MoE authors release: {@code prefix.index} and {@code prefix.data-0000i-of-0000n},
 * MessagePack. The index is a tree whose leaves say an array's shape and which blocks of it lie in which shard; a shard
 * holds blocks by the number of their array, which is its place among the leaves in the order of sorted keys. The index
 * of an older file has no version, and its numbers are read in the same way; they can differ where more than a tree of
 * parameters was saved, and then shapes do not fit, which is refused.
 */
public final class MsgpackShards {

    static final String SUFFIX = ".index";

    private static final String VERSION = "20220622";
    private static final String MARK = "__msgpack_array_chunk_a87ca2__";
    private static final int MAX_SHARDS = 100_000;
    private static final int MAX_MESSAGE = 400;

    private MsgpackShards() {}

    /**
     * All arrays by the names of their tree, joined with {@code /}. What lies in one piece stays in the mapped file.
     *
     * @throws UncheckedIOException naming the file, for one that is not of this format, damaged or missing
     */
    public static SequencedMap<String, StoredTensor> read(Path index) {
        String name = String.valueOf(index.getFileName());
        if (!name.endsWith(SUFFIX)) {
            throw BadFile.of(index, "not an index by its name, wanted " + SUFFIX);
        }
        String prefix = name.substring(0, name.length() - SUFFIX.length());
        var infos = new LinkedHashMap<String, ArrayInfo>();
        int shards = readIndex(index, infos);
        List<String> names = List.copyOf(infos.keySet());
        var pieces = new HashMap<String, List<Piece>>();
        for (int shard = 0; shard < shards; shard++) {
            Path file = index.resolveSibling("%s.data-%05d-of-%05d".formatted(prefix, shard, shards));
            readShard(file, shard, names, infos, pieces);
        }
        var tensors = new LinkedHashMap<String, StoredTensor>();
        infos.forEach((leaf, info) -> {
            try {
                tensors.put(leaf, MsgpackValues.assemble(leaf, info, pieces.getOrDefault(leaf, List.of())));
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw bad(index, "%s: %s".formatted(leaf, e.getMessage()));
            }
        });
        return tensors;
    }

    /** Fills in the leaves, in the order of their numbers; gives the number of shards. */
    private static int readIndex(Path file, SequencedMap<String, ArrayInfo> infos) {
        try {
            Map<String, ?> top = map("the index", Msgpack.read(Mapping.of(file)));
            Object version = top.get("version");
            if (version != null && !version.equals(VERSION)) {
                throw new IllegalArgumentException("version %s, wanted %s or none".formatted(version, VERSION));
            }
            long shards = integer("shard_count", top.get("shard_count"));
            if (shards < 1 || shards > MAX_SHARDS) {
                throw new IllegalArgumentException(
                        "shard_count: found %d, wanted 1 to %d".formatted(shards, MAX_SHARDS));
            }
            collect("", map("index", top.get("index")), infos);
            return (int) shards;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw bad(file, String.valueOf(e.getMessage()));
        }
    }

    private static void collect(String parent, Map<String, ?> tree, SequencedMap<String, ArrayInfo> infos) {
        new TreeMap<>(tree).forEach((key, value) -> {
            String name = parent + key;
            if (value instanceof Map<?, ?>) {
                collect(name + "/", map(name, value), infos);
            } else if (value != null) { // None has no array
                infos.put(name, MsgpackValues.info(name, value));
            }
        });
    }

    private static void readShard(
            Path file, int shard, List<String> names, Map<String, ArrayInfo> infos, Map<String, List<Piece>> pieces) {
        try {
            MemorySegment bytes = Mapping.of(file);
            Map<String, ?> arrays = map("the shard", Msgpack.read(bytes));
            if (!Boolean.TRUE.equals(arrays.get(MARK))) {
                throw new IllegalArgumentException("not a shard of arrays: no key " + MARK);
            }
            arrays.forEach((key, value) -> {
                if (key.equals(MARK)) {
                    return;
                }
                String name = named(key, names);
                ArrayInfo info = infos.get(name);
                for (Object one : list(name, value)) {
                    Piece piece = MsgpackValues.piece(name, one);
                    if (info == null || !info.expects(piece.block(), shard)) {
                        throw new IllegalArgumentException("%s: the index knows no block %s of it in shard %d"
                                .formatted(name, piece.block(), shard));
                    }
                    pieces.computeIfAbsent(name, _ -> new ArrayList<>()).add(piece);
                }
            });
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw bad(file, String.valueOf(e.getMessage()));
        }
    }

    /** In one line of bounded length, whatever texts the file holds. */
    private static UncheckedIOException bad(Path file, String what) {
        String line = what.replaceAll("\\p{Cntrl}", "?");
        return BadFile.of(file, line.length() > MAX_MESSAGE ? line.substring(0, MAX_MESSAGE) + " ..." : line);
    }

    private static String named(String number, List<String> names) {
        if (!number.matches("0|[1-9][0-9]{0,8}") || Integer.parseInt(number) >= names.size()) {
            throw new IllegalArgumentException(
                    "array number %s, the index has %d arrays".formatted(number, names.size()));
        }
        return names.get(Integer.parseInt(number));
    }
}
