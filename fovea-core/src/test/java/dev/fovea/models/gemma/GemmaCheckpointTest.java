package dev.fovea.models.gemma;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.models.gemma.GemmaNames.Spelling;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Folders in every spelling of the names. */
class GemmaCheckpointTest {

    private static final String TEXT = """
        "vocab_size": 60, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 7,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "query_pre_attn_scalar": 8,
        "sliding_window": 5, "max_position_embeddings": 128,
        "rope_scaling": {"rope_type": "linear", "factor": 8.0}
        """;
    private static final String WITHOUT_PICTURES = "{\"model_type\": \"gemma3_text\", " + TEXT + "}";
    private static final String WITH_PICTURES = """
        {"model_type": "gemma3", "mm_tokens_per_image": 9, "image_token_index": 61, "boi_token_index": 58,
         "eoi_token_index": 59, "text_config": {%s},
         "vision_config": {"image_size": 12, "patch_size": 2, "hidden_size": 16, "num_hidden_layers": 2,
           "intermediate_size": 24, "num_attention_heads": 2}}
        """.formatted(TEXT);

    @TempDir
    private Path folder = Path.of("");

    /** What was written under a spelling's names is read as it was. */
    @ParameterizedTest
    @EnumSource(Spelling.class)
    void everySpellingIsRead(Spelling spelling) throws IOException {
        GemmaConfig config = spelling == Spelling.TEXT || spelling == Spelling.ENCODER
                ? TinyGemma.WITHOUT_PICTURES
                : TinyGemma.WITH_PICTURES;
        try (Params params = write(config, spelling, _ -> {});
                GemmaCheckpoint read = GemmaCheckpoint.read(folder, null)) {
            assertThat(read.model().config()).isEqualTo(config);
            assertThat(read.params().table().keySet())
                    .containsExactlyInAnyOrderElementsOf(params.table().keySet());
            params.table().forEach((name, x) -> assertThat(Tensors.toFloats(
                            requireNonNull(read.params().table().get(name))))
                    .as(name)
                    .containsExactly(Tensors.toFloats(x)));
        }
    }

    /** A head in the file is that of the embedding, and passed over. */
    @Test
    void tiedHeadIsPassedOver() throws IOException {
        try (Params _ = write(
                        TinyGemma.WITHOUT_PICTURES,
                        Spelling.TEXT,
                        all -> all.put(
                                "lm_head.weight",
                                requireNonNull(all.get("model.embed_tokens.weight"))
                                        .clone()));
                GemmaCheckpoint read = GemmaCheckpoint.read(folder, ScalarType.BFloat16)) {
            assertThat(read.params().table()).doesNotContainKey("text.head.weight");
            assertThat(read.model().text().tokens().weight().scalar_type().intern())
                    .isEqualTo(ScalarType.BFloat16);
        }
    }

    @Test
    void missingTensorIsNamedAsTheFileWould() throws IOException {
        refused(
                all -> all.remove("model.layers.3.mlp.up_proj.weight"),
                "%s: checkpoint has no model.layers.3.mlp.up_proj.weight (ours: text.layers.3.mlp.up.weight);"
                        + " under model.layers.3.mlp it has"
                        + " [model.layers.3.mlp.down_proj.weight, model.layers.3.mlp.gate_proj.weight]");
    }

    @Test
    void extraTensorIsNamed() throws IOException {
        refused(
                all -> all.put(
                        "model.extra.weight",
                        requireNonNull(all.get("model.norm.weight")).clone()),
                "%s: 1 tensors that the table of names does not know: [model.extra.weight]");
    }

    @Test
    void tensorOfAnotherShapeIsNamed() throws IOException {
        refused(
                all -> all.put(
                        "model.norm.weight",
                        requireNonNull(all.get("model.norm.weight")).narrow(0, 0, 20)),
                "text.norm.weight: checkpoint has [20], the model expects [24]");
    }

    private void refused(Consumer<Map<String, Tensor>> change, String message) throws IOException {
        try (Params _ = write(TinyGemma.WITHOUT_PICTURES, Spelling.TEXT, change)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> GemmaCheckpoint.read(folder, null))
                    .withMessage(message.formatted(folder.resolve("model.safetensors")));
        }
    }

    private Params write(GemmaConfig config, Spelling spelling, Consumer<Map<String, Tensor>> change)
            throws IOException {
        Files.writeString(folder.resolve("config.json"), config.vision() == null ? WITHOUT_PICTURES : WITH_PICTURES);
        Params params = Params.fresh(1);
        Gemma.of(params, config);
        try (var _ = new Scope()) {
            var all = new LinkedHashMap<>(GemmaNames.of(config, spelling).export(params.table()));
            change.accept(all);
            Checkpoints.write(folder.resolve("model.safetensors"), all, Map.of("format", "pt"));
        }
        return params;
    }
}
