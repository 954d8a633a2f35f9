package dev.fovea.models.gemma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.PlannedTensor;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.gemma.GemmaNames.Spelling;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import dev.fovea.text.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PackedFolderTest {

    @TempDir
    private Path folder = Path.of("");

    private Path source = Path.of("");
    private Path packed = Path.of("");

    @BeforeEach
    void paths() {
        source = folder.resolve("source");
        packed = folder.resolve("packed");
    }

    /** A folder with random weights of {@link TinyGemma}'s sizes. */
    private void write(ScalarType type) throws IOException {
        Files.createDirectories(source);
        GemmaConfig config = TinyGemma.WITHOUT_PICTURES;
        DecoderConfig c = config.text();
        String text = """
                "model_type": "gemma3_text", "vocab_size": %d, "hidden_size": %d, "intermediate_size": %d,
                "num_hidden_layers": %d, "num_attention_heads": %d, "num_key_value_heads": %d, "head_dim": %d,
                "query_pre_attn_scalar": 8, "sliding_window": %d, "sliding_window_pattern": 6,
                "max_position_embeddings": 128, "rope_scaling": {"rope_type": "linear", "factor": 8.0}
                """.formatted(
                c.vocabSize(), c.width(), c.mlpDim(), c.depth(), c.numHeads(), c.numKvHeads(), c.headDim(), c.window());
        Files.writeString(source.resolve("config.json"), "{" + text + "}");
        Files.writeString(source.resolve("chat_template.jinja"), "template");
        Files.writeString(source.resolve("model.safetensors.index.json"), "{}");
        try (Params p = Params.fresh(1);
                var scope = new Scope()) {
            TinyGemma.of(p, config);
            var tensors = new LinkedHashMap<String, Tensor>();
            p.table().forEach((name, x) -> tensors.put(name, scope.keep(x.to(type))));
            Checkpoints.write(
                    source.resolve("model.safetensors"),
                    GemmaNames.of(config, Spelling.TEXT).export(tensors),
                    Map.of());
        }
    }

    /** Bit by bit: prompts, single tokens and scores. */
    private static void compare(GemmaKernels one, GemmaKernels other) {
        try (var a = one.decoding();
                var b = other.decoding()) {
            for (int count : new int[] {20, 1, 3, 9, 1}) {
                int[] ids = TinyGemma.ids(count, count);
                assertThat(a.next(ids)).containsExactly(b.next(ids));
            }
            int[][] scored = {TinyGemma.ids(14, 3)};
            assertThat(a.score(scored).logprobs()[0])
                    .containsExactly(b.score(scored).logprobs()[0]);
        }
    }

    @ParameterizedTest
    @CsvSource({"INT8, Float", "INT4, BFloat16", "BF16, BFloat16", "BF16, Float"})
    void logitsAreThoseOfPackingOnLoading(WeightFormat format, ScalarType type) throws IOException {
        write(type);
        PackedFolder.write(source, packed, format);
        assertThat(PackedFolder.format(packed)).isEqualTo(format);
        assertThat(PackedFolder.format(source)).isNull();
        try (Checkpointed loaded = new Checkpointed(GemmaCheckpoint.read(source, null), format)) {
            KernelModel opened = PackedFolder.open(packed, 2);
            try (GemmaKernels kernels = opened.kernels()) {
                assertThat(opened.params().table()).isEmpty();
                assertThat(kernels.weightBytes()).isEqualTo(loaded.kernels.weightBytes());
                compare(kernels, loaded.kernels);
            }
        }
        try (var files = Files.list(packed)) {
            assertThat(files.map(x -> x.getFileName().toString()))
                    .containsExactlyInAnyOrder("model.safetensors", "config.json", "chat_template.jinja");
        }
    }

    @Test
    void aTokenizerIsPreparedForTheNextReading() throws IOException {
        write(ScalarType.BFloat16);
        String bytes = IntStream.range(0, 256)
                .mapToObj("\"<0x%02X>\": %1$d"::formatted)
                .collect(Collectors.joining(","));
        Files.writeString(source.resolve("tokenizer.json"), """
                {"added_tokens": [], "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
                 "decoder": {"type": "Sequence", "decoders": [
                   {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]},
                 "model": {"type": "BPE", "byte_fallback": true, "vocab": {%s}, "merges": []}}""".formatted(bytes));
        PackedFolder.write(source, packed, WeightFormat.INT8);
        assertThat(packed.resolve("tokenizer.tables")).exists();
        assertThat(source.resolve("tokenizer.tables")).doesNotExist();
        try (var tokenizer = HuggingFaceTokenizer.read(packed.resolve("tokenizer.json"))) {
            assertThat(tokenizer.encode("A b")).containsExactly(0x41, 0xE2, 0x96, 0x81, 0x62);
        }
    }

    /** A checkpoint and its kernels, closed in order. */
    private record Checkpointed(GemmaCheckpoint checkpoint, GemmaKernels kernels) implements AutoCloseable {

        Checkpointed(GemmaCheckpoint checkpoint, WeightFormat format) {
            this(checkpoint, GemmaKernels.of(checkpoint.model(), format, 2));
        }

        @Override
        public void close() {
            kernels.close();
            checkpoint.close();
        }
    }

    private void refused(Path path, String message) {
        assertThatThrownBy(() -> PackedFolder.open(path, 1))
                .isInstanceOfAny(IllegalArgumentException.class, UncheckedIOException.class)
                .satisfies(
                        e -> assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1))
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @EnumSource(WeightFormat.class)
    void cutFilesAreRefused(WeightFormat format) throws IOException {
        write(ScalarType.Float);
        PackedFolder.write(source, packed, format);
        try (var file = new RandomAccessFile(packed.resolve("model.safetensors").toFile(), "rw")) {
            file.setLength(file.length() - 1);
        }
        refused(packed, "truncated");
        try (var file = new RandomAccessFile(packed.resolve("model.safetensors").toFile(), "rw")) {
            file.setLength(4);
        }
        refused(packed, "not a safetensors file");
    }

    /** Writes a packed file again with something else in it. */
    private void rewritten(Map<String, String> metadata, Consumer<Map<String, PlannedTensor>> change)
            throws IOException {
        write(ScalarType.Float);
        PackedFolder.write(source, packed, WeightFormat.INT8);
        Path file = packed.resolve("model.safetensors");
        var tensors = new LinkedHashMap<String, PlannedTensor>();
        var said = new HashMap<String, String>();
        try (Weights weights = Checkpoints.open(file)) {
            weights.tensors()
                    .forEach((name, x) -> tensors.put(name, new PlannedTensor(x.dtype(), x.shape(), _ -> x.data())));
            said.putAll(weights.metadata());
        }
        said.putAll(metadata);
        change.accept(tensors);
        Checkpoints.writePlanned(file, tensors, said);
    }

    @Test
    void otherVersionsAndFormatsAreNamed() throws IOException {
        rewritten(Map.of("format", "fovea-packed-2"), _ -> {});
        refused(packed, "packed as fovea-packed-2, this version of Fovea reads fovea-packed-1");
    }

    @Test
    void unknownFormatsAreNamed() throws IOException {
        rewritten(Map.of("weights", "int3"), _ -> {});
        refused(packed, "weights int3: no such format; there are [bf16, int8, int4]");
    }

    /** Bytes of one format are none of another. */
    @Test
    void formatsAreNotMistakenForOneAnother() throws IOException {
        rewritten(Map.of("weights", "int4"), _ -> {});
        refused(packed, "attn.query.weight is U8 [2, 448], wanted U8 [2, 576] for int4 weights of this config.json");
    }

    @Test
    void missingAndForeignTensorsAreNamed() throws IOException {
        rewritten(Map.of(), x -> x.remove("text.layers.3.mlp.up.weight"));
        refused(packed, "no tensor text.layers.3.mlp.up.weight");
    }

    @Test
    void tensorsThatNobodyWantsAreNamed() throws IOException {
        rewritten(Map.of(), x -> x.put("vision.extra", x.get("text.norm.weight")));
        refused(packed, "checkpoint has 1 tensors that the model does not know: [vision.extra]");
    }

    @Test
    void normsThatAreNoNumbersAreNamed() throws IOException {
        try (var scope = new Scope()) {
            Tensor bad = scope.keep(torch.full(new long[] {24}, new Scalar(Double.NaN)));
            rewritten(Map.of(), x -> x.put("text.norm.weight", Checkpoints.planned("text.norm.weight", bad)));
        }
        refused(packed, "text.norm.weight [0] is NaN");
    }

    @Test
    void anotherConfigurationIsNamed() throws IOException {
        write(ScalarType.Float);
        PackedFolder.write(source, packed, WeightFormat.INT8);
        Path config = packed.resolve("config.json");
        Files.writeString(
                config, Files.readString(config).replace("\"intermediate_size\": 40", "\"intermediate_size\": 56"));
        refused(packed, "mlp.gate.weight is U8 [3, 448], wanted U8 [4, 448]");
    }

    @Test
    void modelsAreNotWrittenOverNorPackedTwice() throws IOException {
        write(ScalarType.Float);
        PackedFolder.write(source, packed, WeightFormat.INT8);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackedFolder.write(source, packed, WeightFormat.INT8))
                .withMessage(packed + ": holds a model already; nothing was written");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackedFolder.write(packed, folder.resolve("third"), WeightFormat.INT8))
                .withMessageContaining("holds packed weights already");
        assertThat(folder.resolve("third")).doesNotExist();
    }
}
