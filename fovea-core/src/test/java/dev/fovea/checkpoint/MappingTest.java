package dev.fovea.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingTest {

    private static final Path STATUS = Path.of("/proc/self/status");

    @TempDir
    private Path folder;

    /** A sparse file of one float32 tensor and, behind it, one of two values. */
    private Path sparse(long elements) throws Exception {
        long bytes = 4 * elements;
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]},".formatted(elements, bytes)
                + "\"z\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}}".formatted(bytes, bytes + 8);
        byte[] json = (header + " ".repeat(-header.length() & 7)).getBytes(StandardCharsets.UTF_8);
        Path path = folder.resolve("sparse.safetensors");
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(8 + json.length + bytes + 8);
            ByteBuffer start = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
            file.write(start.putLong(json.length).put(json).array());
            file.seek(file.length() - 8);
            file.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(1.5f)
                    .putFloat(-2)
                    .array());
        }
        return path;
    }

    private static long kilobytes(String what) throws Exception {
        try (var lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(what + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void filesBeyondTwoGigabytesAreRead() throws Exception {
        try (var file = SafetensorsFile.open(sparse(800_000_000))) {
            assertThat(file.tensor("z").toFloats()).containsExactly(1.5f, -2);
        }
    }

    @Test
    void float32WeightsHaveNoSecondCopy() throws Exception {
        assumeThat(STATUS).as("only Linux tells").exists();
        long megabytes = 256;
        try (var file = SafetensorsFile.open(sparse(megabytes << 18));
                var _ = new Scope()) {
            Tensors.of(new float[1], 1).sum();
            long anonymous = kilobytes("RssAnon");
            long mapped = kilobytes("RssFile");
            Tensor x = Checkpoints.tensor(file.tensor("a"));
            assertThat(x.sum().item_float()).isZero();
            assertThat(kilobytes("RssFile") - mapped).isGreaterThan(megabytes * 1000);
            assertThat(kilobytes("RssAnon") - anonymous).isLessThan(megabytes * 1000 / 4);
        }
    }

    @Test
    void filesThatMayOnlyBeReadAreTrainedInPlaceToo() throws Exception {
        Path path = sparse(1);
        assertThat(path.toFile().setReadOnly()).isTrue();
        byte[] before = Files.readAllBytes(path);
        try (var file = SafetensorsFile.open(path);
                var _ = new Scope()) {
            StoredTensor z = file.tensor("z");
            Tensor x = Checkpoints.tensor(z);
            assertThat(Tensors.address(x).address()).isEqualTo(z.data().address());
            x.add_(new Scalar(1.0));
            assertThat(z.toFloats()).containsExactly(2.5f, -1);
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(before);
    }

    @Test
    void mappingLivesAsLongAsATensorOverIt() throws Exception {
        Tensor x;
        try (var file = SafetensorsFile.open(sparse(1))) {
            x = Checkpoints.tensor(file.tensor("z"));
        }
        System.gc();
        System.gc();
        try (var _ = new Scope()) {
            assertThat(Tensors.toFloats(x)).containsExactly(1.5f, -2);
        }
        x.close();
    }
}
