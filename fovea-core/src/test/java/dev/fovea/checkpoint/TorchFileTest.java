package dev.fovea.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The resources are one dictionary saved by PyTorch 2.13 in both of its formats: views, a transposed one, halves, a parameter. */
class TorchFileTest {

    private static final Path NAME = Path.of("x.pth");

    @TempDir
    private Path folder = Path.of("");

    static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(TorchFileTest.class.getResourceAsStream(name))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static SequencedMap<String, StoredTensor> read(byte... file) {
        return TorchFile.read(NAME, MemorySegment.ofArray(file), _ -> true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.pth", "state_before_1.6.pth"})
    void readsWhatPyTorchWrote(String name) throws Exception {
        Path file = Files.write(folder.resolve(name), resource(name));
        try (Weights weights = Checkpoints.open(file)) {
            assertThat(weights.kind()).isEqualTo(Weights.Kind.TORCH);
            assertThat(weights.tensors().keySet())
                    .containsExactly(
                            "model.a.weight", "model.a.turned", "model.a.part", "model.half", "model.steps", "model.p");
            var all = new float[24];
            var turned = new float[24];
            for (int i = 0; i < 24; i++) {
                all[i] = i;
                turned[i] = 6 * (i % 4) + i / 4;
            }
            assertThat(weights.tensor("model.a.weight").shape()).containsExactly(2, 3, 4);
            assertThat(weights.tensor("model.a.weight").toFloats()).containsExactly(all);
            assertThat(weights.tensor("model.a.turned").shape()).containsExactly(6, 4);
            assertThat(weights.tensor("model.a.turned").toFloats()).containsExactly(turned);
            assertThat(weights.tensor("model.a.part").toFloats()).containsExactly(4, 5, 6, 7, 8, 9);
            assertThat(weights.tensor("model.half").dtype()).isEqualTo(DType.BF16);
            assertThat(weights.tensor("model.half").toFloats()).containsExactly(1.5f, -2);
            assertThat(weights.tensor("model.steps").shape()).isEmpty();
            assertThat(weights.tensor("model.steps").toLongs()).containsExactly(7);
            assertThat(weights.tensor("model.p").toLongs()).containsExactly(1, 0);
        }
        try (Weights some = Checkpoints.open(file, "model.half"::equals)) {
            assertThat(some.tensors().keySet()).containsExactly("model.half");
        }
    }

    /** A zip as {@code torch.save} writes it around a pickle and 16 bytes of storage 0. */
    private static byte[] zip(String pickle) {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            put(zip, "archive/data.pkl", pickle.getBytes(StandardCharsets.ISO_8859_1));
            put(zip, "archive/data/0", new byte[16]);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] data) throws IOException {
        var crc = new CRC32();
        crc.update(data);
        var entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(data.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(data);
    }

    private static String text(String s) {
        return "\u008c" + (char) s.length() + s;
    }

    /** A dictionary of one tensor with one storage of four floats. */
    private static String tensor(String offset, String size, String stride) {
        return "\u0080\u0002}" + text("w") + "ctorch._utils\n_rebuild_tensor_v2\n(("
                + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + "K\u0004tQ" + offset + "("
                + size
                + "t(" + stride + "t\u0089}tRs.";
    }

    private static void assertRefuses(String pickle, String what) {
        assertThatThrownBy(() -> read(zip(pickle)))
                .hasMessageStartingWith("x.pth: ")
                .hasMessageContaining(what);
    }

    @Test
    void tensorsStayInTheirStorage() {
        assertThat(read(zip(tensor("K\0", "K\u0002K\u0002", "K\u0002K\u0001"))).values())
                .singleElement()
                .hasToString("w: F32 [2, 2]");
        assertRefuses(tensor("K\u0001", "K\u0002K\u0002", "K\u0002K\u0001"), "w: 16 bytes wanted at 4 of 16");
        assertRefuses(tensor("J\u00ff\u00ff\u00ff\u00ff", "K\u0002", "K\u0001"), "w: 8 bytes wanted at -4 of 16");
        assertRefuses(tensor("K\0", "K\u0002K\u0002", "K\u0001K\u0003"), "w: value 3 lies at 4 of 4 stored ones");
        assertRefuses(tensor("K\0", "K\u0005", "K\0"), "w: 5 values from 4 stored ones");
        assertRefuses(
                tensor("K\0", "J\u00ff\u00ff\u00ff\u007fJ\u00ff\u00ff\u00ff\u007fK\u0009", "K\u0001K\u0001K\u0001"),
                "overflow");
        assertRefuses(
                tensor("K\0", "J\u00ff\u00ff\u00ff\u00ff", "K\u0001"), "a size or stride that is no number from 0 on");
        assertRefuses(tensor("K\0", "K\u0002", "K\u0001K\u0001"), "a tensor of other arguments");
        assertRefuses(
                tensor("K\0", "K\u0002", "K\u0001").replace("FloatStorage", "ComplexStorage"),
                "a tensor of ComplexStorage");
        assertRefuses(
                tensor("K\0", "K\u0002", "K\u0001").replace(text("0"), text("7")), "w: its data, data/7, is missing");
    }

    /** Nothing of the file is run. */
    @Test
    void programsAreRefused() {
        assertRefuses(
                "\u0080\u0002cposix\nsystem\n" + text("true") + "\u0085R.",
                "calls posix.system, which makes no tensor");
        assertRefuses(
                "\u0080\u0002}" + text("a") + "cbuiltins\neval\n" + text("1") + "\u0085Rs.", "calls builtins.eval");
        assertRefuses("\u0080\u0005N.", "found pickle protocol 5, wanted 4 at most");
        assertRefuses("\u0080\u0002(cposix\nsystem\no.", "instruction 0x6f is none of plain values");
        assertRefuses("\u0080\u0002}K\u0001b.", "the state of an object that is none of a checkpoint");
    }

    @Test
    void brokenPicklesAreRefused() {
        assertRefuses("\u0080\u0002}", "1 bytes wanted at byte 3, 0 are left");
        assertRefuses("\u0080\u0002.", "a value is missing");
        assertRefuses("\u0080\u0002}}.", "1 values are left over");
        assertRefuses("\u0080\u0002}q\0" + text("a") + "h\0s.", "no tensors in it"); // a dictionary in itself
        assertRefuses("\u0080\u0002}q\0h\0K\u0001s.", "found a key that is neither a text nor an integer");
        assertRefuses("\u0080\u0002h\u0005.", "nothing was remembered as 5");
        assertRefuses("\u0080\u0002t.", "a mark is missing");
        assertRefuses("\u0080\u0002}(K\u0001u.", "a key without a value");
        assertRefuses("\u0080\u0002K\u0001K\u0002K\u0003s.", "something else than a dictionary");
        assertRefuses("\u0080\u0002K\u0001K\u0002a.", "something else than a list");
        assertRefuses("\u0080\u0002X\u00ff\u00ff\u00ff\u00ff.", "a text of 4294967295 bytes, wanted 1048576 at most");
        assertRefuses("\u0080\u0002\u008c\u0001\u00ff.", "a text is not UTF-8");
        assertRefuses("\u0080\u0002]K\u0001a.", "wanted a dictionary of tensors");
        assertRefuses(text("a").repeat(20) + "}" + "(".repeat(9) + ".", "a value is missing");
        assertRefuses("}" + ("}" + text("a")).repeat(20) + "}" + "s".repeat(20) + ".", "values are left over");
    }

    @Test
    void otherFilesAreRefused() throws Exception {
        assertThatThrownBy(() -> read((byte) 'P', (byte) 'K')).hasMessageContaining("not a zip file, or truncated");
        assertThatThrownBy(() -> read("N.".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("x.pth: not written by torch.save: its magic number is missing");
        assertThatThrownBy(TorchFileTest::read).hasMessageContaining("1 bytes wanted at byte 0, 0 are left");
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            put(zip, "archive/readme", new byte[1]);
        }
        assertThatThrownBy(() -> read(bytes.toByteArray()))
                .hasMessage("x.pth: a zip without data.pkl: not written by torch.save");
        byte[] damaged = zip(tensor("K\0", "K\u0002", "K\u0001"));
        int at = new String(damaged, StandardCharsets.ISO_8859_1).indexOf("FloatStorage");
        damaged[at + 4] ^= 1;
        assertThatThrownBy(() -> read(damaged)).hasMessageContaining("archive/data.pkl: damaged: CRC");
        byte[] cut = resource("state_before_1.6.pth");
        assertThatThrownBy(() -> read(Arrays.copyOf(cut, cut.length - 1))).hasMessageContaining("truncated or damaged");
    }

    @Test
    void bigEndianNumbersAreRefused() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            put(zip, "archive/data.pkl", "}.".getBytes(StandardCharsets.UTF_8));
            put(zip, "archive/byteorder", "big".getBytes(StandardCharsets.UTF_8));
        }
        assertThatThrownBy(() -> read(bytes.toByteArray())).hasMessageContaining("big-endian");
        byte[] swapped = resource("state_before_1.6.pth");
        long count = 24;
        int at = -1;
        for (int i = 0; i + 8 <= swapped.length && at < 0; i++) {
            at = ByteBuffer.wrap(swapped).order(ByteOrder.LITTLE_ENDIAN).getLong(i) == count ? i : -1;
        }
        swapped[at] = 23;
        assertThatThrownBy(() -> read(swapped)).hasMessageContaining("24 values of F32 wanted at byte " + at);
    }
}
