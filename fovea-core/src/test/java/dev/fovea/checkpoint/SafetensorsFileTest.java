package dev.fovea.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {

    @TempDir
    private Path folder;

    private Path write(String header, int dataBytes) throws Exception {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        for (int i = 0; file.remaining() >= 4; i++) {
            file.putFloat(i + 0.5f);
        }
        return Files.write(folder.resolve("x.safetensors"), file.array());
    }

    private static final String TWO = "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[16,20]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}";

    private static String padded(String header) {
        return header + " ".repeat((8 - header.length() % 8) % 8);
    }

    @Test
    void tensorsComeInTheOrderOfTheirData() throws Exception {
        try (var file = SafetensorsFile.open(write(padded(TWO), 20))) {
            assertThat(file.tensors().keySet()).containsExactly("a", "b");
            assertThat(file.tensor("a").toFloats()).containsExactly(0.5f, 1.5f, 2.5f, 3.5f);
            assertThat(file.tensor("b").shape()).isEmpty();
            assertThat(file.metadata()).containsEntry("format", "pt");
        }
    }

    @Test
    void engineTensorLiesInTheMappingAndOutlivesTheFile() throws Exception {
        var file = SafetensorsFile.open(write(padded(TWO), 20));
        StoredTensor stored = file.tensor("a");
        int others = Borrowed.held(); // of models that other tests keep open
        try (var _ = new Scope()) {
            Tensor x = Checkpoints.tensor(stored);
            assertThat(Tensors.address(x).address()).isEqualTo(stored.data().address());
            Tensor view = x.view(4);
            x.close();
            file.close();
            view.add_(new Scalar(1.0));
            assertThat(Tensors.toFloats(view)).containsExactly(1.5f, 2.5f, 3.5f, 4.5f);
            assertThat(Borrowed.held()).isEqualTo(others + 1);
        }
        assertThat(Borrowed.held()).isEqualTo(others);
        assertThatThrownBy(file::tensors).isInstanceOf(IllegalStateException.class);
        try (var again = SafetensorsFile.open(folder.resolve("x.safetensors"))) {
            assertThat(again.tensor("a").toFloats()).containsExactly(0.5f, 1.5f, 2.5f, 3.5f);
        }
    }

    @Test
    void misalignedDataIsCopied() throws Exception {
        try (var file = SafetensorsFile.open(write(padded(TWO) + " ", 20));
                var _ = new Scope()) {
            StoredTensor stored = file.tensor("a");
            Tensor x = Checkpoints.tensor(stored);
            assertThat(Tensors.address(x).address()).isNotEqualTo(stored.data().address());
            assertThat(Tensors.toFloats(x)).containsExactly(0.5f, 1.5f, 2.5f, 3.5f);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | 8 | there is a hole
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}} | 6 | b: begins at byte 2, but a ends at 4: they overlap
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | 5 | 1 bytes after the end of a
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | 3 | truncated
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}} | 4 | a: F32 [2] takes 8 bytes, data_offsets [0, 4] hold 4
            {"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}} | 4 | a: unknown dtype 'F33'
            {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}} | 4 | a.shape: -1, wanted
            {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}} | 4 | a: impossible shape
            {"a":{"dtype":"F32","shape":[18446744073709551617],"data_offsets":[0,4]}} | 4 | a.shape: 18446744073709551617, wanted
            {"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}} | 4 | a.shape: found VALUE_NUMBER_FLOAT
            {"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}} | 4 | a: Non-standard token 'NaN'
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}} | 4 | a: data_offsets [4, 0], wanted [begin, end]
            {"a":{"dtype":"F32","shape":[1]}} | 4 | a: no data_offsets
            {"a":{"dtype":"F4","shape":[1],"data_offsets":[0,1]}} | 1 | a: impossible shape [1] of F4
            {"__metadata__":{"n":1}} | 0 | __metadata__.n: found VALUE_NUMBER_INT, wanted VALUE_STRING
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | 4 | Duplicate Object property "a"
            {"a":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]} | 0 | a: found START_ARRAY
            {"a":{"x":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}} | 0 | nesting depth
            {"a":{"dtype":"F32" | 0 | a: Unexpected end-of-input
            {} {} | 0 | header: START_OBJECT after the closing brace
            []  | 0 | does not begin with '{'
            """)
    void brokenHeadersAreNamed(String header, int dataBytes, String message) throws Exception {
        Path file = write(header, dataBytes);
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }
}
