package dev.fovea.checkpoint;

import dev.fovea.checkpoint.MsgpackBytes.Ext;
import dev.fovea.checkpoint.MsgpackBytes.Nil;
import dev.fovea.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** Writes tensors as the V-MoE authors release them: an index and shards. */
public final class ShardedFiles {

    private static final String MARK = "__msgpack_array_chunk_a87ca2__";

    private ShardedFiles() {}

    /**
     * Writes {@code prefix.index} and its shards.
     *
     * @param tensors float32 by names joined with {@code /}
     * @param split which are cut along their first axis, a part a shard; the others lie whole in the first
     */
    public static void write(Path index, Map<String, Tensor> tensors, int shards, Predicate<String> split)
            throws IOException {
        var tree = new TreeMap<String, Object>();
        tensors.forEach((name, x) -> put(tree, name, info(x, split.test(name) ? shards : 1)));
        var names = new ArrayList<String>();
        leaves("", tree, names);
        Files.write(index, MsgpackBytes.of(Map.of("version", "20220622", "shard_count", shards, "index", tree)));
        String prefix = String.valueOf(index.getFileName()).replace(".index", "");
        for (int shard = 0; shard < shards; shard++) {
            var arrays = new LinkedHashMap<String, Object>();
            arrays.put(MARK, true);
            for (int i = 0; i < names.size(); i++) {
                Tensor x = tensors.get(names.get(i));
                int parts = split.test(names.get(i)) ? shards : 1;
                if (x != null && shard < parts) {
                    long rows = parts == 1 ? size(x) : size(x) / parts;
                    Tensor part = parts == 1 ? x : x.narrow(0, shard * rows, rows);
                    arrays.put(
                            Integer.toString(i),
                            List.of(List.of(List.of(array(part)), new Ext(6, block(x, shard, parts)))));
                }
            }
            Files.write(
                    index.resolveSibling("%s.data-%05d-of-%05d".formatted(prefix, shard, shards)),
                    MsgpackBytes.of(arrays));
        }
    }

    private static long size(Tensor x) {
        return x.dim() == 0 ? 1 : x.size(0);
    }

    private static void put(Map<String, Object> tree, String name, Object leaf) {
        int slash = name.indexOf('/');
        if (slash < 0) {
            tree.put(name, leaf);
            return;
        }
        if (tree.computeIfAbsent(name.substring(0, slash), _ -> new TreeMap<String, Object>())
                instanceof TreeMap<?, ?> below) {
            @SuppressWarnings("unchecked")
            var children = (Map<String, Object>) below;
            put(children, name.substring(slash + 1), leaf);
        }
    }

    private static void leaves(String parent, Map<?, ?> tree, List<String> names) {
        tree.forEach((key, value) -> {
            if (value instanceof Map<?, ?> below) {
                leaves(parent + key + "/", below, names);
            } else {
                names.add(parent + key);
            }
        });
    }

    private static List<Integer> shape(Tensor x) {
        return LongStream.of(Tensors.shape(x)).mapToObj(n -> (int) n).toList();
    }

    private static Ext info(Tensor x, int parts) {
        byte[] array = MsgpackBytes.of(List.of(shape(x), "float32", false, Map.of()));
        var blocks = new ArrayList<Object>();
        var shards = new ArrayList<Integer>();
        for (int i = 0; i < parts; i++) {
            blocks.add(block(x, i, parts));
            shards.add(i);
        }
        return new Ext(8, MsgpackBytes.of(List.of(array, blocks, shards)));
    }

    private static byte[] block(Tensor x, int part, int parts) {
        var slices = new ArrayList<Object>();
        for (int d = 0; d < x.dim(); d++) {
            int n = (int) x.size(d);
            int from = d == 0 ? n / parts * part : 0;
            int to = d == 0 ? n / parts * (part + 1) : n;
            slices.add(MsgpackBytes.of(List.of(from, to, new Nil())));
        }
        return MsgpackBytes.of(slices);
    }

    private static Ext array(Tensor x) {
        float[] values = Tensors.toFloats(x);
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            data.putFloat(value);
        }
        return new Ext(1, MsgpackBytes.of(List.of(List.of(values.length), "float32", data.array())));
    }
}
