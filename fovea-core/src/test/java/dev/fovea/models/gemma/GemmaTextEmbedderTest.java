package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.models.gemma.GemmaNames.Spelling;
import dev.fovea.models.vit.Probe;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import dev.fovea.text.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GemmaTextEmbedderTest {

    @TempDir
    private Path folder = Path.of("");

    /** Begin and end mark, mean, dense layers, length one. */
    @Test
    void modulesAreApplied() throws IOException {
        write(true, "torch.nn.modules.activation.Tanh", "Dense");
        try (var embedder = GemmaTextEmbedder.open(folder);
                var tokenizer = HuggingFaceTokenizer.read(folder.resolve("tokenizer.json"));
                GemmaCheckpoint checkpoint = GemmaCheckpoint.read(folder, null);
                var _ = new Scope()) {
            int[] ids = IntStream.concat(
                            IntStream.concat(IntStream.of(2), IntStream.of(tokenizer.encode("a red boat"))),
                            IntStream.of(1))
                    .toArray();
            Tensor x = checkpoint
                    .model()
                    .hidden(GemmaInput.of(Tensors.of(ids, 1, ids.length)), Probe.NONE)
                    .mean(1); // [1, D]
            try (var weights = Checkpoints.open(folder.resolve("2_Dense"))) {
                float[] y = Tensors.toFloats(torch.linear(x, Checkpoints.tensor(weights.tensor("linear.weight")))
                        .tanh());
                double length = Math.sqrt(IntStream.range(0, 5)
                        .mapToDouble(i -> y[i] * (double) y[i])
                        .sum());
                float[] found = embedder.embed("a red boat");
                assertThat(found).hasSize(5);
                for (int i = 0; i < 5; i++) {
                    assertThat(found[i]).isCloseTo((float) (y[i] / length), within(1e-6f));
                }
            }
        }
    }

    @Test
    void otherModelsAndModulesAreRefused() throws IOException {
        write(false, "torch.nn.modules.linear.Identity", "Dense");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GemmaTextEmbedder.open(folder))
                .withMessageEndingWith("this Gemma writes texts; wanted one with use_bidirectional_attention");
        write(true, "torch.nn.modules.activation.ReLU", "Dense");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GemmaTextEmbedder.open(folder))
                .withMessageContaining("activation_function torch.nn.modules.activation.ReLU, wanted");
        write(true, "torch.nn.modules.linear.Identity", "LSTM");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GemmaTextEmbedder.open(folder))
                .withMessageContaining("module sentence_transformers.models.LSTM, wanted");
    }

    private void write(boolean bidirectional, String activation, String module) throws IOException {
        Path tokenizer = GemmaSessionTest.folder("gemma3-text/base-12l").resolve("tokenizer.json");
        Files.write(folder.resolve("tokenizer.json"), Files.readAllBytes(tokenizer));
        Files.writeString(
                folder.resolve("tokenizer_config.json"), "{\"add_eos_token\": true, \"eos_token\": \"<eos>\"}");
        Files.writeString(folder.resolve("config.json"), """
            {"model_type": "gemma3_text", "vocab_size": 2320, "hidden_size": 24, "intermediate_size": 40,
             "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8,
             "sliding_window": 6, "use_bidirectional_attention": %s}
            """.formatted(bidirectional));
        Files.writeString(folder.resolve("modules.json"), """
            [{"path": "", "type": "sentence_transformers.models.Transformer"},
             {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"path": "2_Dense", "type": "sentence_transformers.models.%s"},
             {"path": "3_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """.formatted(module));
        Path dense = Files.createDirectories(folder.resolve("2_Dense"));
        Files.writeString(dense.resolve("config.json"), "{\"activation_function\": \"%s\"}".formatted(activation));
        GemmaConfig config = GemmaConfig.read(folder.resolve("config.json"));
        try (Params params = Params.fresh(1);
                Params head = Params.fresh(2);
                var _ = new Scope()) {
            Gemma.of(params, config);
            Checkpoints.write(
                    folder.resolve("model.safetensors"),
                    GemmaNames.of(config, Spelling.ENCODER).export(params.table()),
                    Map.of());
            head.get("linear.weight", Init.normal(1), 5, 24);
            Checkpoints.write(dense.resolve("model.safetensors"), head.table(), Map.of());
        }
    }
}
