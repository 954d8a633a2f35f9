package dev.fovea.models.gemma;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.models.gemma.GemmaConfig.Size;
import dev.fovea.nn.Params;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GemmaConfigTest {

    @TempDir
    private Path folder = Path.of("");

    /** Millions of parameters beside the embedding, global layers (arXiv 2503.19786, table 1, and the shapes). */
    @ParameterizedTest
    @CsvSource({
        "GEMMA3_270M,   100.3,  167.8,   3",
        "GEMMA3_1B,     697.9,  302.0,   4",
        "GEMMA3_4B,    3209.0,  671.1,   5",
        "GEMMA3_12B,  10759.2, 1006.6,   8",
        "GEMMA3_27B,  25599.7, 1409.3,  10"
    })
    void publishedSizesHaveThePublishedParameters(Size size, double layers, double embedding, int global) {
        DecoderConfig text = GemmaConfig.of(size).text();
        assertThat(text.layerParameters() / 1e6).isCloseTo(layers, within(0.05));
        assertThat(262_144L * text.width() / 1e6).isCloseTo(embedding, within(0.05));
        assertThat(text.numGlobal()).isEqualTo(global);
        assertThat(text.layers().getFirst()).isEqualTo(Span.LOCAL);
        assertThat(text.layers().get(5)).isEqualTo(Span.GLOBAL);
    }

    @Test
    void towerAndProjectorHaveThePublishedParameters() {
        VisionConfig vision = requireNonNull(GemmaConfig.of(Size.GEMMA3_4B).vision());
        assertThat(vision.towerParameters() / 1e6).isCloseTo(416.87, within(0.005));
        assertThat((vision.projectorParameters(2560) + 262_144L * 2560) / 1e6).isCloseTo(674.0, within(0.05));
    }

    /** The formulas count what the network has. */
    @Test
    void countsAreThoseOfTheNetwork() {
        try (Params p = Params.fresh(0)) {
            Gemma.of(p, TinyGemma.WITH_PICTURES);
            assertThat(TinyGemma.WITH_PICTURES.parameters()).isEqualTo(p.count());
        }
    }

    /** Gigabytes of one text's cache in bfloat16, with rings and with everything kept. */
    @ParameterizedTest
    @CsvSource({
        "GEMMA3_270M,  32768, 0.109,  0",
        "GEMMA3_1B,     4096, 0.028,  0.109",
        "GEMMA3_4B,     1024, 0.143,  0.143",
        "GEMMA3_4B,    32768, 0.793,  4.563",
        "GEMMA3_12B,   32768, 2.483, 12.885",
        "GEMMA3_27B,  131072, 11.174, 66.572"
    })
    void cacheHasTheComputedSize(Size size, long tokens, double ring, double full) {
        DecoderConfig text = GemmaConfig.of(size).text();
        assertThat(text.cacheBytes(tokens, 2) / 1e9).isCloseTo(ring, within(0.0006));
        if (full > 0) {
            assertThat(text.fullCacheBytes(tokens, 2) / 1e9).isCloseTo(full, within(0.0006));
        }
    }

    /** The published 4B configuration leaves out what equals the defaults of the class. */
    @Test
    void publishedLayoutHasItsDefaults() throws IOException {
        GemmaConfig found = read("""
            {"model_type": "gemma3", "mm_tokens_per_image": 256,
             "text_config": {"hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34,
               "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window": 1024},
             "vision_config": {"hidden_size": 1152, "image_size": 896, "intermediate_size": 4304,
               "num_attention_heads": 16, "num_hidden_layers": 27, "patch_size": 14, "vision_use_head": false}}
            """);
        assertThat(found).isEqualTo(GemmaConfig.of(Size.GEMMA3_4B));
    }

    @Test
    void layoutOfTransformers5IsRead() throws IOException {
        DecoderConfig found = read("""
            {"model_type": "gemma3_text", "num_hidden_layers": 3, "final_logit_softcapping": 30,
             "layer_types": ["full_attention", "sliding_attention", "full_attention"],
             "rope_parameters": {
               "full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 500000.0},
               "sliding_attention": {"rope_type": "default", "rope_theta": 9000.0}}}
            """).text();
        assertThat(found.layers()).containsExactly(Span.GLOBAL, Span.LOCAL, Span.GLOBAL);
        assertThat(found.global()).isEqualTo(new Rotation(500_000, 4));
        assertThat(found.local()).isEqualTo(new Rotation(9000, 1));
        assertThat(found.softcap()).isEqualTo(30.0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"num_attention_heads\": 3            | numHeads 3 is not a multiple of numKvHeads 4",
                "\"hidden_size\": \"wide\"             | hidden_size is \"wide\", wanted a whole number",
                "\"hidden_size\": 2.5                  | hidden_size is 2.5, wanted a whole number",
                "\"layer_types\": [\"full_attention\"] | layer_types names 1 layers, num_hidden_layers is 26",
                "\"hidden_activation\": \"relu\"       | hidden_activation is relu, wanted gelu_pytorch_tanh",
                "\"rope_scaling\": {\"rope_type\": \"yarn\"} | rope_type is yarn, wanted linear",
                "\"head_dim\": 7                       | headDim 7 is odd; rotary positions turn pairs",
                "\"sliding_window\": 0                 | window 0, contextLength 131072: each must be at least 1"
            })
    void wrongValuesAreNamed(String entry, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("{\"model_type\": \"gemma3_text\", %s}".formatted(entry)))
                .withMessage("%s: %s".formatted(folder.resolve("config.json"), message));
    }

    @Test
    void unknownSizeNamesTheKnown() {
        assertThat(GemmaConfig.size("gemma3-12b")).isEqualTo(Size.GEMMA3_12B);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GemmaConfig.size("gemma3-5b"))
                .withMessage("gemma3-5b: no such size; there are"
                        + " [gemma3-270m, gemma3-1b, gemma3-4b, gemma3-12b, gemma3-27b]");
    }

    private GemmaConfig read(String json) throws IOException {
        Path file = folder.resolve("config.json");
        Files.writeString(file, json);
        return GemmaConfig.read(file);
    }
}
