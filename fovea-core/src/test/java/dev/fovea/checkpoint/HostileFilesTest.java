package dev.fovea.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are damaged or made to do harm give one kind of error, and no more memory than their own size allows. */
class HostileFilesTest {

    private static final Path NAME = Path.of("hostile");
    private static final int ROUNDS = 4000;
    private static final long MAX_BYTES_A_READ = 4 << 20;

    static byte[] safetensors() {
        String header = "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"encoder.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                + "\"encoder.bias\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[24,28]},"
                + "\"ids\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[28,32]}}   ";
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + 32)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    static byte[] npz() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (String name : new String[] {"params/a.npy", "params/b.npy"}) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(NpzFileTest.npy("<f4", name.contains("b"), "(2, 3)", new byte[24]));
            }
        }
        return bytes.toByteArray();
    }

    static void readSafetensors(byte[] file) {
        try (var opened = SafetensorsFile.of(NAME, MemorySegment.ofArray(file))) {
            opened.tensors().values().forEach(HostileFilesTest::convert);
        } catch (UncheckedIOException e) {
            assertThat(e).hasMessageStartingWith("hostile: ");
        }
    }

    static void readNpz(byte[] file) {
        try {
            NpzFile.read(NAME, MemorySegment.ofArray(file), _ -> true).values().forEach(HostileFilesTest::convert);
        } catch (UncheckedIOException e) {
            assertThat(e).hasMessageStartingWith("hostile: ");
        }
    }

    static byte[] gguf() {
        return new GgufBytes()
                .put("general.architecture", "gemma3")
                .put("tokenizer.ggml.model", "llama")
                .strings("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "a", "b", "ab"))
                .floats("tokenizer.ggml.scores", 0, 0, -1, -2, -0.0f)
                .ints("tokenizer.ggml.token_type", 2, 3, 1, 1, 1)
                .put("tokenizer.ggml.add_space_prefix", false)
                .tensor("a.weight", 2, new byte[36], 32, 2)
                .tensor("b.weight", 0, new byte[12], 3)
                .toBytes();
    }

    static void readGguf(byte[] file) {
        try {
            GgufFile opened = GgufFile.of(NAME, MemorySegment.ofArray(file));
            opened.tensors().values().forEach(GgufTensor::toFloats);
            opened.tokenizer().encode("ab");
        } catch (UncheckedIOException | IllegalArgumentException e) {
            assertThat(e).hasMessageStartingWith("hostile: ");
        }
    }

    static void readTorch(byte[] file) {
        try {
            TorchFile.read(NAME, MemorySegment.ofArray(file), _ -> true)
                    .values()
                    .forEach(HostileFilesTest::convert);
        } catch (UncheckedIOException e) {
            assertThat(e).hasMessageStartingWith("hostile: ");
        }
    }

    private static void convert(StoredTensor x) {
        try {
            x.toDoubles();
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageStartingWith(x.name());
        }
    }

    @Test
    void damagedSafetensorsGiveOneKindOfError() {
        damage(safetensors(), HostileFilesTest::readSafetensors);
    }

    @Test
    void damagedNpzGivesOneKindOfError() throws Exception {
        damage(npz(), HostileFilesTest::readNpz);
    }

    @Test
    void damagedGgufGivesOneKindOfError() {
        damage(gguf(), HostileFilesTest::readGguf);
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.pth", "state_before_1.6.pth"})
    void damagedTorchFilesGiveOneKindOfError(String name) {
        damage(TorchFileTest.resource(name), HostileFilesTest::readTorch);
    }

    private static void damage(byte[] good, Consumer<byte[]> read) {
        var random = new Random(7);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bad = damaged(good, random);
            long before = threads.getCurrentThreadAllocatedBytes();
            try {
                read.accept(bad);
            } catch (Throwable e) {
                throw new AssertionError("round %d: %s".formatted(round, Arrays.toString(bad)), e);
            }
            assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                    .as("bytes allocated in round %d", round)
                    .isLessThan(MAX_BYTES_A_READ);
        }
    }

    private static byte[] damaged(byte[] good, Random random) {
        byte[] bad = good.clone();
        switch (random.nextInt(5)) {
            case 0 -> bad = Arrays.copyOf(bad, random.nextInt(bad.length));
            case 1 -> bad = Arrays.copyOf(bad, bad.length + 1 + random.nextInt(40));
            case 2 -> { // a number that is far off
                int at = random.nextInt(bad.length - 8);
                ByteBuffer.wrap(bad)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(at, random.nextBoolean() ? random.nextLong() : 1L << random.nextInt(64));
            }
            case 3 -> { // a piece of it elsewhere
                int length = 1 + random.nextInt(20);
                int from = random.nextInt(bad.length - length);
                System.arraycopy(good, from, bad, random.nextInt(bad.length - length), length);
            }
            default -> {
                for (int i = random.nextInt(6); i >= 0; i--) {
                    bad[random.nextInt(bad.length)] = (byte)
                            (random.nextBoolean() ? "{}[]\":,-9eEN0.".charAt(random.nextInt(14)) : random.nextInt());
                }
            }
        }
        return bad;
    }
}
