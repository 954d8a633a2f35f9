package dev.fovea.checkpoint;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.checkpoint.MsgpackBytes.Ext;
import dev.fovea.checkpoint.MsgpackBytes.Nil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MsgpackShardsTest {

    private static final String MARK = "__msgpack_array_chunk_a87ca2__";

    @TempDir
    private Path folder;

    private Path index;

    /** b [2, 3] whole in shard 1; a.x [4, 2] in two blocks of rows, the second in two parts. */
    @BeforeEach
    void write() throws IOException {
        index = folder.resolve("ckpt_3.index");
        var tree = new LinkedHashMap<String, Object>();
        tree.put("b", info("float32", List.of(2, 3), List.of(block(0, 2, 0, 3)), List.of(1)));
        tree.put(
                "a",
                Map.of(
                        "x",
                        info("float32", List.of(4, 2), List.of(block(0, 1, 0, 2), block(1, 4, 0, 2)), List.of(0, 1))));
        tree.put("none", new Nil());
        var top = new LinkedHashMap<String, Object>();
        top.put("version", "20220622");
        top.put("shard_count", 2);
        top.put("index", tree);
        Files.write(index, MsgpackBytes.of(top));
        shard(0, Map.of("0", List.of(List.of(List.of(array(List.of(2), 10, 11)), new Ext(6, block(0, 1, 0, 2))))));
        shard(
                1,
                Map.of(
                        "0",
                        List.of(List.of(
                                List.of(array(List.of(4), 12, 13, 14, 15), array(List.of(2), 16, 17)),
                                new Ext(6, block(1, 4, 0, 2)))),
                        "1",
                        List.of(List.of(List.of(array(List.of(6), 1, 2, 3, 4, 5, 6)), new Ext(6, block(0, 2, 0, 3))))));
    }

    private void shard(int number, Map<String, Object> arrays) throws IOException {
        var all = new LinkedHashMap<String, Object>();
        all.put(MARK, true);
        all.putAll(arrays);
        Files.write(folder.resolve("ckpt_3.data-%05d-of-00002".formatted(number)), MsgpackBytes.of(all));
    }

    private static byte[] block(int... bounds) {
        var slices = new ArrayList<Object>();
        for (int i = 0; i < bounds.length; i += 2) {
            slices.add(MsgpackBytes.of(List.of(bounds[i], bounds[i + 1], new Nil())));
        }
        return MsgpackBytes.of(slices);
    }

    private static Ext info(String type, List<Integer> shape, List<byte[]> blocks, List<Integer> shards) {
        byte[] array = MsgpackBytes.of(List.of(shape, type, false, Map.of()));
        return new Ext(8, MsgpackBytes.of(List.of(array, blocks, shards)));
    }

    private static Ext array(List<Integer> shape, float... values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            data.putFloat(value);
        }
        return new Ext(1, MsgpackBytes.of(List.of(shape, "float32", data.array())));
    }

    @Test
    void blocksComeTogetherUnderTheNamesOfTheTree() {
        var tensors = MsgpackShards.read(index);
        assertThat(tensors.keySet()).containsExactly("a/x", "b");
        StoredTensor x = requireNonNull(tensors.get("a/x"));
        assertThat(x.shape()).containsExactly(4, 2);
        assertThat(x.toFloats()).containsExactly(10, 11, 12, 13, 14, 15, 16, 17);
        assertThat(requireNonNull(tensors.get("b")).toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
        try (Weights weights = Checkpoints.open(index)) {
            assertThat(weights.kind()).isEqualTo(Weights.Kind.SHARDED_MSGPACK);
        }
    }

    @Test
    void blocksOfColumnsGoToTheirPlaces() throws IOException {
        var tree = Map.<String, Object>of(
                "x", info("float32", List.of(2, 3), List.of(block(0, 2, 0, 1), block(0, 2, 1, 3)), List.of(0, 1)));
        Files.write(index, MsgpackBytes.of(Map.of("shard_count", 2, "index", tree)));
        shard(0, Map.of("0", List.of(List.of(List.of(array(List.of(2), 1, 4)), new Ext(6, block(0, 2, 0, 1))))));
        shard(1, Map.of("0", List.of(List.of(List.of(array(List.of(4), 2, 3, 5, 6)), new Ext(6, block(0, 2, 1, 3))))));
        assertThat(requireNonNull(MsgpackShards.read(index).get("x")).toFloats())
                .containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void aMissingShardIsNamed() throws IOException {
        Files.delete(folder.resolve("ckpt_3.data-00001-of-00002"));
        assertThatThrownBy(() -> MsgpackShards.read(index))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("ckpt_3.data-00001-of-00002");
    }

    @Test
    void blocksThatOverlapOrLeaveGapsAreRefused() throws IOException {
        for (List<byte[]> blocks :
                List.of(List.of(block(0, 2, 0, 2), block(1, 3, 0, 2)), List.of(block(0, 1, 0, 2), block(2, 4, 0, 2)))) {
            var tree = Map.<String, Object>of("x", info("float32", List.of(4, 2), blocks, List.of(0, 1)));
            Files.write(index, MsgpackBytes.of(Map.of("shard_count", 2, "index", tree)));
            assertThatThrownBy(() -> MsgpackShards.read(index)).hasMessageContaining("do not cover [4, 2] once");
        }
    }

    @Test
    void aShapeWithoutItsDataTakesNoMemory() throws IOException {
        int huge = Integer.MAX_VALUE;
        var tree = Map.<String, Object>of(
                "x", info("float32", List.of(huge, huge), List.of(block(0, huge, 0, huge)), List.of(0)));
        Files.write(index, MsgpackBytes.of(Map.of("shard_count", 2, "index", tree)));
        shard(0, Map.of("0", List.of(List.of(List.of(array(List.of(1), 1)), new Ext(6, block(0, huge, 0, huge))))));
        shard(1, Map.of());
        assertThatThrownBy(() -> MsgpackShards.read(index))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("x: ");
    }

    /** Cut anywhere, a file is refused with its name; it never ends the program, nor gives a tensor. */
    @ParameterizedTest
    @ValueSource(strings = {"ckpt_3.index", "ckpt_3.data-00000-of-00002", "ckpt_3.data-00001-of-00002"})
    void aCutFileIsRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(folder.resolve(name));
        for (int length = 0; length < whole.length; length++) {
            Files.write(folder.resolve(name), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> MsgpackShards.read(index))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(name.replaceAll("-of.*", ""));
            Files.delete(folder.resolve(name)); // a mapped file is replaced, not cut
        }
    }

    /** With any byte changed a file is read, or refused in one line. */
    @ParameterizedTest
    @ValueSource(strings = {"ckpt_3.index", "ckpt_3.data-00001-of-00002"})
    void aChangedByteIsReadOrRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(folder.resolve(name));
        var random = new SplittableRandom(1);
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= (byte) (1 + random.nextInt(255));
            Files.delete(folder.resolve(name));
            Files.write(folder.resolve(name), changed);
            try {
                MsgpackShards.read(index).values().forEach(StoredTensor::toDoubles);
            } catch (UncheckedIOException e) {
                assertThat(e.getMessage()).contains("ckpt_3").doesNotContain("\n");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0xdd, 0xdf, 0xdb, 0xc6, 0xc9})
    void aLengthThatTheFileDoesNotHaveIsRefused(int type) {
        byte[] bytes = {(byte) type, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0};
        assertThatThrownBy(() -> Msgpack.read(MemorySegment.ofArray(bytes)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("left");
    }

    @Test
    void nestingWithoutEndIsRefused() {
        var bytes = new byte[100_000];
        Arrays.fill(bytes, (byte) 0x91);
        assertThatThrownBy(() -> Msgpack.read(MemorySegment.ofArray(bytes))).hasMessageContaining("nested deeper");
    }

    @Test
    void numbersOfEveryWidthAreRead() {
        byte[] bytes = {
            (byte) 0x98,
            5,
            (byte) 0xff,
            (byte) 0xcc,
            (byte) 200,
            (byte) 0xcd,
            1,
            0,
            (byte) 0xce,
            (byte) 0x80,
            0,
            0,
            0,
            (byte) 0xd0,
            -5,
            (byte) 0xd1,
            -1,
            0,
            (byte) 0xcb,
            0x3f,
            (byte) 0xf8,
            0,
            0,
            0,
            0,
            0,
            0
        };
        assertThat(Msgpack.read(MemorySegment.ofArray(bytes)))
                .isEqualTo(List.of(5L, -1L, 200L, 256L, 0x80000000L, -5L, -256L, 1.5));
    }
}
