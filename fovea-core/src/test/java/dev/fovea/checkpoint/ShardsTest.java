package dev.fovea.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsTest {

    @TempDir
    private Path folder;

    private void write(long maxShardBytes) {
        try (var _ = new Scope()) {
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
            for (String name : new String[] {"c", "b", "a"}) {
                tensors.put(name, Tensors.of(new float[] {name.charAt(0), 1, 2}, 3));
            }
            Checkpoints.writeSharded(folder, tensors, Map.of(), maxShardBytes);
        }
    }

    @Test
    void writtenShardsAreReadBack() {
        write(24);
        assertThat(folder.resolve("model-00002-of-00002.safetensors")).exists();
        try (Weights weights = Checkpoints.open(folder)) {
            assertThat(weights.kind()).isEqualTo(Weights.Kind.SHARDED_SAFETENSORS);
            assertThat(weights.tensors().keySet()).containsExactly("b", "c", "a");
            assertThat(weights.tensor("a").toFloats()).containsExactly('a', 1, 2);
        }
    }

    @Test
    void modelThatFitsIsOneFile() {
        write(36);
        assertThat(folder.resolve("model.safetensors")).exists();
        assertThatThrownBy(() -> write(12)).hasMessageContaining("model.safetensors is there already");
    }

    @Test
    void summaryCountsByType() throws Exception {
        write(24);
        Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"vit\"}");
        Summary summary = Summary.of(folder);
        assertThat(summary.kind()).isEqualTo(Weights.Kind.SHARDED_SAFETENSORS);
        assertThat(summary.tensors()).contains(new Summary.Row("a", DType.F32, List.of(3L), 12));
        assertThat(summary.totals()).isEqualTo(Map.of(DType.F32, new Summary.Total(3, 9, 36)));
        assertThat(summary.documents().sequencedKeySet()).containsExactly("config.json");
    }
}
