package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.checkpoint.GgufBytes;
import dev.fovea.checkpoint.GgufFile;
import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.models.gemma.DecoderConfig.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufConfigTest {

    @TempDir
    private Path folder;

    private GgufConfig config(GgufBytes file) throws IOException {
        Path path = folder.resolve("model.gguf");
        Files.write(path, file.toBytes());
        return new GgufConfig(GgufFile.open(path));
    }

    /** The keys that every writer has, for a model of {@code depth} layers. */
    private static GgufBytes required(String prefix, int depth) {
        return new GgufBytes()
                .put("general.architecture", "gemma3")
                .put(prefix + "block_count", depth)
                .put(prefix + "embedding_length", 168)
                .put(prefix + "feed_forward_length", 64)
                .put(prefix + "attention.head_count", 4)
                .put(prefix + "attention.head_count_kv", 2)
                .put(prefix + "attention.key_length", 32)
                .tensor("token_embd.weight", 0, new byte[4 * 168 * 3], 168, 3);
    }

    @Test
    void keysThatAreAbsentHaveThePublishedDefaults() throws IOException {
        DecoderConfig c = config(required("gemma3.", 7)).text();
        assertThat(c.layers()).isEqualTo(DecoderConfig.pattern(7, 6));
        assertThat(c.local()).isEqualTo(new Rotation(1e4, 1));
        assertThat(c.global()).isEqualTo(new Rotation(1e6, 1));
        assertThat(c.normEps()).isEqualTo(1e-6);
        assertThat(c.queryScalar()).isEqualTo(32);
        assertThat(c.vocabSize()).isEqualTo(3);
        assertThat(c.tied()).isTrue();
        assertThat(c.softcap()).isNull();
    }

    /** 27B alone: 5376 / 32 in place of the head's 128. */
    @Test
    void sixtyTwoLayersScaleQueriesByWidthOverHeads() throws IOException {
        assertThat(config(required("gemma3.", 62)).text().queryScalar()).isEqualTo(42);
    }

    @Test
    void keysOfOllamaAreReadToo() throws IOException {
        DecoderConfig c = config(required("gemma3.text.", 2)
                        .put("gemma3.text.attention.sliding_window", 8)
                        .ints("gemma3.attention.sliding_window_pattern", 0, 1)
                        .put("gemma3.rope.local.freq_base", 500)
                        .put("gemma3.rope.global.freq_base", 7000))
                .text();
        assertThat(c.window()).isEqualTo(8);
        assertThat(c.layers()).containsExactly(Span.GLOBAL, Span.LOCAL);
        assertThat(c.local().theta()).isEqualTo(500);
        assertThat(c.global().theta()).isEqualTo(7000);
    }

    @Test
    void scalingBelongsToGlobalLayers() throws IOException {
        DecoderConfig c = config(required("gemma3.", 6)
                        .put("gemma3.rope.scaling.type", "linear")
                        .put("gemma3.rope.scaling.factor", 8))
                .text();
        assertThat(c.global().divisor()).isEqualTo(8);
        assertThat(c.local().divisor()).isEqualTo(1);
    }

    @Test
    void otherArchitecturesAndProjectorsAreRefused() throws IOException {
        GgufConfig llama = config(new GgufBytes().put("general.architecture", "llama"));
        assertThatThrownBy(llama::text).hasMessageEndingWith("architecture llama, wanted gemma3");
        GgufConfig mlp =
                config(new GgufBytes().put("general.architecture", "clip").put("clip.projector_type", "mlp"));
        assertThatThrownBy(() -> mlp.vision(0)).hasMessageEndingWith("projector type mlp, wanted gemma3");
    }
}
