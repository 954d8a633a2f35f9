package dev.fovea.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.text.SentencePiece;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class GgufFileTest {

    private static final Path NAME = Path.of("small.gguf");

    private static GgufFile open(GgufBytes file) {
        return open(file.toBytes());
    }

    private static GgufFile open(byte[] file) {
        return GgufFile.of(NAME, MemorySegment.ofArray(file));
    }

    private static byte[] floats(float... values) {
        var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    @Test
    void shapesAreReadOutermostFirst() {
        GgufTensor x = open(new GgufBytes().tensor("a", 0, floats(1, 2, 3, 4, 5, 6), 3, 2))
                .tensor("a");
        assertThat(x.shape()).containsExactly(2, 3);
        assertThat(x.toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void metadataHasItsTypes() {
        GgufMetadata m = open(new GgufBytes()
                        .put("general.architecture", "gemma3")
                        .put("n", -1)
                        .put("b", true)
                        .ints("i", 1, -2)
                        .floats("f", 0.5f))
                .metadata();
        assertThat(m.string("general.architecture")).isEqualTo("gemma3");
        assertThat(m.integer("n")).isEqualTo(0xFFFF_FFFFL); // unsigned
        assertThat(m.number("n", 0)).isEqualTo(0xFFFF_FFFFL);
        assertThat(m.bool("b", false)).isTrue();
        assertThat(m.integers("i")).containsExactly(1L, -2L);
        assertThat(m.numbers("f")).containsExactly(0.5);
        assertThat(m.integer("none", 7)).isEqualTo(7);
        assertThatThrownBy(() -> m.strings("i")).hasMessage("small.gguf: i: a list of Long, wanted String");
        assertThatThrownBy(() -> m.integer("general.architecture"))
                .hasMessage("small.gguf: general.architecture: found String gemma3, wanted Long");
        assertThatThrownBy(() -> m.string("general.name"))
                .hasMessageContaining("no key general.name; under the same parent it has [general.architecture]");
    }

    @Test
    void fourBitFloatsOfMxfp4() {
        byte[] block = new byte[17];
        block[0] = (byte) 128; // 2^1
        block[1] = (byte) 0xF7; // 6 low, -6 high
        block[16] = 0x21; // 0.5 low, 1 high
        float[] y = open(new GgufBytes().tensor("x", 39, block, 32)).tensor("x").toFloats();
        assertThat(y[0]).isEqualTo(12);
        assertThat(y[16]).isEqualTo(-12);
        assertThat(y[15]).isEqualTo(1);
        assertThat(y[31]).isEqualTo(2);
    }

    @Test
    void blocksAreDecodedToHalvesAsRoundedFloats() {
        byte[] block = new byte[18];
        new Random(3).nextBytes(block);
        block[1] = 0x2B; // a scale that is no power of two
        GgufTensor x = open(new GgufBytes().tensor("x", 2, block, 32)).tensor("x");
        float[] floats = x.toFloats();
        float[] halves = x.dequantised(DType.BF16).toFloats();
        for (int i = 0; i < 32; i++) {
            assertThat(Math.abs(halves[i] - floats[i])).isLessThanOrEqualTo(Math.abs(floats[i]) / 256);
        }
        assertThat(x.dequantised(DType.BF16).data().byteSize()).isEqualTo(64);
    }

    @Test
    void opensAsACheckpoint(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("m.gguf");
        Files.write(
                file,
                new GgufBytes().put("k", "v").tensor("x", 0, floats(1, 2), 2).toBytes());
        try (Weights weights = Checkpoints.open(file)) {
            assertThat(weights.kind()).isEqualTo(Weights.Kind.GGUF);
            assertThat(weights.tensor("x").toFloats()).containsExactly(1, 2);
            assertThat(weights.metadata()).containsEntry("k", "v");
        }
    }

    @Test
    void contradictionsAreNamed() {
        assertThatThrownBy(() -> open("GGML....".getBytes(StandardCharsets.US_ASCII)))
                .hasMessage("small.gguf: not a GGUF file: it does not begin with GGUF");
        byte[] good = new GgufBytes().tensor("x", 0, floats(1, 2), 2).toBytes();
        byte[] version = good.clone();
        version[4] = 1;
        assertThatThrownBy(() -> open(version)).hasMessage("small.gguf: GGUF version 1, wanted one of 2 and 3");
        byte[] big = good.clone();
        big[4] = 0;
        big[7] = 3;
        assertThatThrownBy(() -> open(big)).hasMessageContaining("big-endian");
        assertThatThrownBy(() -> open(Arrays.copyOf(good, 64 + 7)))
                .hasMessage("small.gguf: x: 8 bytes from byte 0, the file's data has 7");
        assertThatThrownBy(() -> open(new GgufBytes().tensor("x", 99, new byte[4], 1)))
                .hasMessageStartingWith("small.gguf: x: tensor type 99, known are");
        assertThatThrownBy(() -> open(new GgufBytes().tensor("x", 2, new byte[18], 16)))
                .hasMessage("small.gguf: x: rows of 16 values, wanted whole blocks of 32");
        assertThatThrownBy(
                        () -> open(new GgufBytes().tensor("x", 0, floats(1), 1).tensor("x", 0, floats(1), 1)))
                .hasMessage("small.gguf: x: this tensor is there twice");
        byte[] manyTensors = good.clone();
        manyTensors[15] = 0x70;
        assertThatThrownBy(() -> open(manyTensors))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("the file has");
    }

    private static GgufBytes vocabulary(List<String> tokens, float[] scores, int... types) {
        return new GgufBytes()
                .put("tokenizer.ggml.model", "llama")
                .strings("tokenizer.ggml.tokens", tokens)
                .floats("tokenizer.ggml.scores", scores)
                .ints("tokenizer.ggml.token_type", types)
                .put("tokenizer.ggml.bos_token_id", 1)
                .put("tokenizer.ggml.add_space_prefix", false);
    }

    @Test
    void marksAndUnmergedPiecesAreFoundInATextAndTheBeginningIsNot() {
        SentencePiece t = open(vocabulary(
                        List.of("<unk>", "<bos>", "<turn>", "\n\n", "\n", "ab", "a", "b"),
                        new float[] {0, 0, 0, 0, -3, -0.0f, -1, -2},
                        2,
                        3,
                        3,
                        1,
                        1,
                        1,
                        1,
                        1))
                .tokenizer();
        assertThat(t.encode("<turn>ab\n\n\n")).containsExactly(2, 5, 3, 4);
        assertThat(t.encode("<bos>")).doesNotContain(1);
    }

    @Test
    void vocabularyThatIsNotSentencePieceIsRefused() {
        GgufFile file = open(new GgufBytes().put("tokenizer.ggml.model", "gpt2"));
        assertThatThrownBy(file::tokenizer)
                .hasMessage("small.gguf: tokenizer.ggml.model: gpt2, wanted llama, which is SentencePiece with merges");
        GgufFile uneven = open(vocabulary(List.of("<unk>"), new float[2], 2));
        assertThatThrownBy(uneven::tokenizer).hasMessageEndingWith("1 tokens, 2 scores and 1 types");
    }

    /** Texts get the ids of the SentencePiece model of which the file's vocabulary was made. */
    @Test
    void recordedTextsGetTheSameIdsThroughEitherFile() throws IOException {
        Path fixtures = Path.of(System.getProperty("fovea.fixtures", "../../shared/fixtures"));
        Assumptions.assumeTrue(Files.exists(fixtures.resolve("kinds.json")), "no fixtures at " + fixtures);
        int compared = 0;
        for (Path gguf : files(fixtures.resolve("gguf"), "model.gguf")) {
            GgufFile file = GgufFile.open(gguf);
            SentencePiece t = file.tokenizer();
            for (Path model : files(fixtures.resolve("tokenizer"), "tokenizer.model")) {
                SentencePiece other = SentencePiece.read(model);
                if (!texts(other).equals(texts(t))) {
                    continue;
                }
                for (String row : Files.readAllLines(model.resolveSibling("strings.jsonl"))) {
                    String text = JsonMapper.shared().readTree(row).path("text").asString();
                    assertThat(t.encode(text)).as(text).isEqualTo(other.encode(text));
                    assertThat(t.decode(t.encode(text))).isEqualTo(other.decode(other.encode(text)));
                    compared++;
                }
            }
            assertThat(file.chatTemplate()).contains("<start_of_turn>");
            assertThat(file.tokenId("bos")).isEqualTo(t.id("<bos>"));
        }
        assertThat(compared).isPositive();
    }

    private static List<String> texts(SentencePiece t) {
        return t.model().pieces().stream().map(piece -> piece.text()).toList();
    }

    private static List<Path> files(Path folder, String name) throws IOException {
        var found = new ArrayList<Path>();
        try (Stream<Path> cases = Files.list(folder)) {
            cases.map(c -> c.resolve(name)).filter(Files::exists).sorted().forEach(found::add);
        }
        return found;
    }
}
