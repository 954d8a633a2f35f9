package dev.fovea.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BigVisionTest {

    @TempDir
    private Path folder;

    /** A checkpoint of tensors [1] named so, and of these. */
    private Weights open(Map<String, float[]> tables, String... names) {
        Path file = folder.resolve("x.safetensors");
        try (var _ = new Scope()) {
            var tensors = new LinkedHashMap<String, Tensor>();
            Stream.of(names).forEach(name -> tensors.put(name, Tensors.of(new float[1], 1)));
            tables.forEach((name, x) -> tensors.put(name, Tensors.of(x, 1, x.length / 2, 2)));
            Checkpoints.write(file, tensors, Map.of());
        }
        return BigVision.open(file);
    }

    @Test
    void parametersAreTakenFromATrainingState() {
        try (Weights weights = open(Map.of(), "params/head/bias", "opt/0/mu/head/bias", "rng")) {
            assertThat(weights.tensors().keySet()).containsExactly("head/bias");
            assertThat(weights.tensor("head/bias").name()).isEqualTo("head/bias");
        }
        try (Weights weights = open(Map.of(), "opt/target/head/bias", "opt/state/step")) {
            assertThat(weights.tensors().keySet()).containsExactly("head/bias");
        }
    }

    @Test
    void positionsOfTheEncoderMoveOut() {
        for (String old : new String[] {"Transformer/posembed_input/pos_embedding", "Transformer/pos_embedding"}) {
            try (Weights weights = open(Map.of("img/" + old, new float[8]), "img/head/bias", "txt/probe")) {
                assertThat(BigVision.repaired(weights, "img/", 0).tensors().keySet())
                        .containsExactlyInAnyOrder("img/pos_embedding", "img/head/bias", "txt/probe");
            }
        }
    }

    @Test
    void rowOfTheClsTokenIsSplitOffAndAdded() {
        float[] table = {10, 20, 1, 2, 3, 4, 5, 6, 7, 8};
        try (Weights weights = open(Map.of("pos_embedding", table, "cls", new float[] {1, 1}))) {
            Weights repaired = BigVision.repaired(weights, "", 4);
            assertThat(repaired.tensor("cls").toFloats()).containsExactly(11, 21);
            assertThat(repaired.tensor("pos_embedding").describe()).isEqualTo("F32 [1, 4, 2]");
            assertThat(repaired.tensor("pos_embedding").toFloats()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        }
    }

    @Test
    void tableOfAsManyRowsAsTheModelHasPatchesIsNotSplit() {
        try (Weights weights = open(Map.of("pos_embedding", new float[20], "cls", new float[2]))) {
            assertThat(BigVision.repaired(weights, "", 10)
                            .tensor("pos_embedding")
                            .describe())
                    .isEqualTo("F32 [1, 10, 2]");
            assertThat(BigVision.repaired(weights, "", 9)
                            .tensor("pos_embedding")
                            .describe())
                    .isEqualTo("F32 [1, 9, 2]");
        }
    }

    @Test
    void inlinedPoolingHeadGetsItsScope() {
        try (Weights weights = open(
                Map.of(), "probe", "MlpBlock_0/a", "MultiHeadDotProductAttention_0/a", "LayerNorm_0/a", "head/bias")) {
            assertThat(BigVision.repaired(weights, "", 0).tensors().keySet())
                    .containsExactlyInAnyOrder(
                            "MAPHead_0/probe",
                            "MAPHead_0/MlpBlock_0/a",
                            "MAPHead_0/MultiHeadDotProductAttention_0/a",
                            "MAPHead_0/LayerNorm_0/a",
                            "head/bias");
        }
    }

    @Test
    void partsThatWereCountedThroughAreCountedByKind() {
        try (Weights weights = open(
                Map.of(),
                "Transformer/encoderblock_0/LayerNorm_0/scale",
                "Transformer/encoderblock_0/MultiHeadDotProductAttention_1/query/bias",
                "Transformer/encoderblock_0/LayerNorm_2/scale",
                "Transformer/encoderblock_0/MlpBlock_3/Dense_0/bias")) {
            assertThat(BigVision.repaired(weights, "", 0).tensors().keySet())
                    .containsExactlyInAnyOrder(
                            "Transformer/encoderblock_0/LayerNorm_0/scale",
                            "Transformer/encoderblock_0/MultiHeadDotProductAttention_0/query/bias",
                            "Transformer/encoderblock_0/LayerNorm_1/scale",
                            "Transformer/encoderblock_0/MlpBlock_0/Dense_0/bias");
        }
    }
}
