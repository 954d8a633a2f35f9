package dev.fovea.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class CheckpointsTest {

    @TempDir
    private Path folder;

    private static SequencedMap<String, Tensor> two() {
        var tensors = new LinkedHashMap<String, Tensor>();
        tensors.put("b", Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        tensors.put("a", Tensors.of(new long[] {7}, 1));
        return tensors;
    }

    private Path index(String json) throws Exception {
        return Files.writeString(folder.resolve(Shards.INDEX), json);
    }

    private void shard(String name, String... tensors) {
        try (var _ = new Scope()) {
            var map = new LinkedHashMap<String, Tensor>();
            for (String tensor : tensors) {
                map.put(tensor, Tensors.of(new float[] {tensor.length()}, 1));
            }
            Checkpoints.write(folder.resolve(name), map, Map.of());
        }
    }

    @Test
    void writtenFileIsReadBack() throws Exception {
        Path file = folder.resolve("model.safetensors");
        try (var _ = new Scope()) {
            Tensor turned = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).t();
            SequencedMap<String, Tensor> tensors = two();
            tensors.put("turned", turned);
            tensors.put("empty", turned.narrow(0, 0, 0));
            Checkpoints.write(file, tensors, Map.of("step", "3"));
        }
        try (Weights weights = Checkpoints.open(folder)) {
            assertThat(weights.tensors().keySet()).containsExactly("a", "b", "empty", "turned");
            assertThat(weights.tensor("a").toLongs()).containsExactly(7);
            assertThat(weights.tensor("turned").toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(weights.tensor("empty").describe()).isEqualTo("F32 [0, 2]");
            assertThat(weights.metadata()).containsOnly(Map.entry("format", "pt"), Map.entry("step", "3"));
        }
        try (var left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString()).collect(Collectors.toSet()))
                    .containsExactly("model.safetensors");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            mode = Mode.EXCLUDE,
            names = {"F4", "F6_E2M3", "F6_E3M2"})
    void everyTypeOfTheEngineIsWrittenAndReadBack(DType dtype) {
        Path file = folder.resolve("x.safetensors");
        var data = MemorySegment.ofArray(new byte[2 * dtype.bits() / 8]).fill((byte) 1);
        var stored = new StoredTensor("x", dtype, new long[] {2}, data);
        try (var _ = new Scope()) {
            var map = new LinkedHashMap<String, Tensor>();
            map.put("x", Checkpoints.tensor(stored));
            Checkpoints.write(file, map, Map.of());
        }
        try (Weights weights = Checkpoints.open(file)) {
            StoredTensor x = weights.tensor("x");
            assertThat(x.toString()).isEqualTo(stored.toString());
            assertThat(x.data().mismatch(data)).isEqualTo(-1);
        }
    }

    @Test
    void failedWriteLeavesTheOldFile() {
        Path file = folder.resolve("x.safetensors");
        try (var _ = new Scope()) {
            Checkpoints.write(file, two(), Map.of());
            SequencedMap<String, Tensor> bad = two();
            bad.put("q", Tensors.of(new float[] {1}, 1).to(ScalarType.ComplexDouble));
            assertThatThrownBy(() -> Checkpoints.write(file, bad, Map.of()))
                    .hasMessage("q: safetensors has no dtype for ComplexDouble");
        }
        try (Weights weights = Checkpoints.open(file)) {
            assertThat(weights.tensors()).hasSize(2);
        }
    }

    @Test
    void shardsAreOne() throws Exception {
        shard("model-00001-of-00002.safetensors", "a", "bb");
        shard("model-00002-of-00002.safetensors", "ccc");
        index("{\"weight_map\":{\"ccc\":\"model-00002-of-00002.safetensors\","
                + "\"a\":\"model-00001-of-00002.safetensors\",\"bb\":\"model-00001-of-00002.safetensors\"}}");
        try (Weights weights = Checkpoints.open(folder)) {
            assertThat(weights.tensors().keySet()).containsExactly("a", "bb", "ccc");
            assertThat(weights.tensor("ccc").toFloats()).containsExactly(3);
        }
    }

    @Test
    void missingShardIsNamed() throws Exception {
        index("{\"weight_map\":{\"a\":\"x.safetensors\"}}");
        refused("names the shard x.safetensors, which is not beside it");
    }

    @Test
    void tensorThatIsNotInItsShardIsNamed() throws Exception {
        shard("x.safetensors", "a");
        index("{\"weight_map\":{\"a\":\"x.safetensors\",\"b\":\"x.safetensors\"}}");
        refused("says that b is in x.safetensors, which has no such tensor");
    }

    @Test
    void tensorInTwoShardsIsNamed() throws Exception {
        shard("x.safetensors", "a");
        shard("y.safetensors", "a", "b");
        index("{\"weight_map\":{\"a\":\"x.safetensors\",\"b\":\"y.safetensors\"}}");
        refused("y.safetensors: holds a, which the index says is in x.safetensors");
    }

    @Test
    void pathsInTheIndexAreRefused() throws Exception {
        index("{\"weight_map\":{\"a\":\"../x.safetensors\"}}");
        refused("weight_map.a: \"../x.safetensors\", wanted the name of a .safetensors file beside the index");
    }

    @Test
    void folderWithoutModelNamesWhatItHas() throws Exception {
        Files.createFile(folder.resolve("config.json"));
        refused("neither model.safetensors nor model.safetensors.index.json in it, but [config.json]");
    }

    private void refused(String message) {
        assertThatThrownBy(() -> Checkpoints.open(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(message);
    }
}
