package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.checkpoint.GgufBytes;
import dev.fovea.checkpoint.GgufType;
import dev.fovea.kernel.BlockFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class GemmaGgufTest {

    private static final int VOCABULARY = 70;
    private static final int WIDTH = 256;
    private static final int HIDDEN = 512;
    private static final int HEAD = 64;

    @TempDir
    private Path folder = Path.of("");

    private final Random random = new Random(3);

    /** Integers of any bits with scales that make weights of about 0.06. */
    private byte[] matrix(GgufType type, int rows, int columns) {
        BlockFormat format = type.blocks();
        if (format == null || format.size() == 1) {
            return numbers(type, rows * columns, 0.06, 0);
        }
        var bytes = new byte[(int) format.bytes((long) rows * columns)];
        random.nextBytes(bytes);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < bytes.length; at += format.bytes()) {
            short scale = Float.floatToFloat16(
                    switch (type) {
                        case Q4_0, Q4_1 -> 0.012f;
                        case Q5_0, Q5_1 -> 0.006f;
                        case Q8_0 -> 0.0008f;
                        case Q2_K, Q3_K -> 0.0016f;
                        default -> 0.0002f;
                    });
            switch (type) {
                case MXFP4 -> buffer.put(at, (byte) 121);
                case Q2_K -> buffer.putShort(at + 80, scale).putShort(at + 82, scale);
                case Q3_K -> buffer.putShort(at + 108, scale);
                case Q6_K -> buffer.putShort(at + 208, Float.floatToFloat16(0.00004f));
                case Q4_1, Q5_1, Q4_K, Q5_K -> buffer.putShort(at, scale).putShort(at + 2, scale);
                default -> buffer.putShort(at, scale);
            }
        }
        return bytes;
    }

    private byte[] numbers(GgufType type, int count, double scale, double mean) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            float x = (float) (mean + scale * random.nextGaussian());
            switch (type) {
                case F16 -> buffer.putShort(Float.floatToFloat16(x));
                case BF16 -> buffer.putShort((short) (Float.floatToRawIntBits(x) >>> 16));
                default -> buffer.putFloat(x);
            }
        }
        var bytes = new byte[buffer.position()];
        buffer.get(0, bytes);
        return bytes;
    }

    private void matrix(GgufBytes file, String name, GgufType type, int rows, int columns) {
        file.tensor(name + ".weight", type.id(), matrix(type, rows, columns), columns, rows);
    }

    private void norm(GgufBytes file, String name, int size) {
        file.tensor(name + ".weight", GgufType.F32.id(), numbers(GgufType.F32, size, 0.1, 1), size);
    }

    /** Six layers, the last of them global. */
    private Path write(GgufType type, GgufType others) throws IOException {
        GgufBytes file = file(type, others);
        Path path = folder.resolve("model.gguf");
        Files.write(path, file.toBytes());
        return path;
    }

    private GgufBytes file(GgufType type, GgufType others) {
        List<String> pieces = IntStream.range(0, VOCABULARY)
                .mapToObj(i -> i < 3 ? "<%d>".formatted(i) : "%c".formatted('0' + i - 3))
                .toList();
        var scores = new float[VOCABULARY];
        int[] types = IntStream.range(0, VOCABULARY)
                .map(i -> i == 0 ? 2 : i < 3 ? 3 : 1)
                .toArray();
        GgufBytes file = new GgufBytes()
                .put("general.architecture", "gemma3")
                .put("gemma3.block_count", 6)
                .put("gemma3.embedding_length", WIDTH)
                .put("gemma3.feed_forward_length", HIDDEN)
                .put("gemma3.attention.head_count", 4)
                .put("gemma3.attention.head_count_kv", 2)
                .put("gemma3.attention.key_length", HEAD)
                .put("gemma3.attention.sliding_window", 8)
                .put("tokenizer.ggml.model", "llama")
                .put("tokenizer.ggml.bos_token_id", 2)
                .put("tokenizer.ggml.eos_token_id", 1)
                .put("tokenizer.ggml.unknown_token_id", 0)
                .strings("tokenizer.ggml.tokens", pieces)
                .floats("tokenizer.ggml.scores", scores)
                .ints("tokenizer.ggml.token_type", types);
        matrix(file, "token_embd", others, VOCABULARY, WIDTH);
        norm(file, "output_norm", WIDTH);
        for (int i = 0; i < 6; i++) {
            String at = "blk.%d.".formatted(i);
            norm(file, at + "attn_norm", WIDTH);
            matrix(file, at + "attn_q", type, 4 * HEAD, WIDTH);
            matrix(file, at + "attn_k", type, 2 * HEAD, WIDTH);
            matrix(file, at + "attn_v", others, 2 * HEAD, WIDTH);
            matrix(file, at + "attn_output", type, WIDTH, 4 * HEAD);
            norm(file, at + "attn_q_norm", HEAD);
            norm(file, at + "attn_k_norm", HEAD);
            norm(file, at + "post_attention_norm", WIDTH);
            norm(file, at + "ffn_norm", WIDTH);
            matrix(file, at + "ffn_gate", type, HIDDEN, WIDTH);
            matrix(file, at + "ffn_up", type, HIDDEN, WIDTH);
            matrix(file, at + "ffn_down", others, WIDTH, HIDDEN);
            norm(file, at + "post_ffw_norm", WIDTH);
        }
        return file;
    }

    private static int[] ids(int count) {
        return new Random(count).ints(count, 0, VOCABULARY).toArray();
    }

    /** What is left is the rounding of keys and values to bfloat16, and in the long prompt of its products. */
    @ParameterizedTest
    @EnumSource(
            value = GgufType.class,
            mode = Mode.EXCLUDE,
            names = {"I8", "I16", "I32", "I64", "F64"})
    void kernelsWriteWhatTheNetworkDoes(GgufType type) throws IOException {
        Path path = write(type, type == GgufType.Q4_K ? GgufType.Q6_K : type);
        try (GemmaModel network = GemmaModel.openGguf(path, null, ScalarType.Float);
                GemmaModel onKernels = GemmaModel.openGguf(path, null, null);
                var _ = new AutoGradMode(false);
                var slow = network.decoding();
                var fast = onKernels.decoding()) {
            assertThat(onKernels.packed()).isNotNull();
            for (int count : new int[] {1, 3, 1, 9, 60, 1, 1}) {
                double near = slow.length() < 14 ? 0.01 : 0.1;
                float[] wanted = slow.next(ids(count));
                float[] found = fast.next(ids(count));
                double size = 0;
                for (float x : wanted) {
                    size = Math.max(size, Math.abs(x));
                }
                assertThat(size).isBetween(0.5, 500.0);
                for (int i = 0; i < wanted.length; i++) {
                    assertThat((double) found[i]).as("%s %d", type, count).isCloseTo(wanted[i], within(near * size));
                }
            }
        }
    }

    @Test
    void weightsAreCalledByTheirBlocks() throws IOException {
        try (GemmaModel model = GemmaModel.openGguf(write(GgufType.Q4_K, GgufType.Q6_K), null, null)) {
            assertThat(Objects.requireNonNull(model.packed()).label()).isEqualTo("Q4_K and Q6_K");
            assertThat(Objects.requireNonNull(model.packed()).format()).isNull();
        }
        try (GemmaModel model = GemmaModel.openGguf(write(GgufType.BF16, GgufType.F16), null, null)) {
            assertThat(Objects.requireNonNull(model.packed()).label()).isEqualTo("BF16 and F16");
        }
    }

    @Test
    void whatIsMissingLeftOverOrOfOtherSizeIsNamed() throws IOException {
        Path path = folder.resolve("model.gguf");
        GgufBytes more = file(GgufType.Q8_0, GgufType.Q8_0);
        norm(more, "blk.0.extra", 4);
        Files.write(path, more.toBytes());
        assertThatThrownBy(() -> GemmaModel.openGguf(path, null, null))
                .hasMessage(path + ": 1 tensors that a Gemma 3 of this metadata has not: [blk.0.extra.weight]");
        Files.write(
                path,
                file(GgufType.Q8_0, GgufType.Q8_0).put("gemma3.block_count", 7).toBytes());
        assertThatThrownBy(() -> GemmaModel.openGguf(path, null, null)).hasMessageContaining("block_count");
    }
}
