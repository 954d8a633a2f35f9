package dev.fovea.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpzFileTest {

    @TempDir
    private Path folder;

    static byte[] npy(String descr, boolean fortran, String shape, byte[] data) {
        return npy(
                "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n"
                        .formatted(descr, fortran ? "True" : "False", shape),
                1,
                data);
    }

    static byte[] npy(String header, int version, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer npy = ByteBuffer.allocate(12 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        npy.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.ISO_8859_1))
                .put((byte) version)
                .put((byte) 0);
        if (version == 1) {
            npy.putShort((short) text.length);
        } else {
            npy.putInt(text.length);
        }
        npy.put(text).put(data);
        return Arrays.copyOf(npy.array(), npy.position());
    }

    private Path zip(String name, byte[] content, boolean deflated) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            var entry = new ZipEntry(name);
            if (!deflated) {
                var crc = new CRC32();
                crc.update(content);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(content.length);
                entry.setCrc(crc.getValue());
            }
            zip.putNextEntry(entry);
            zip.write(content);
            zip.closeEntry();
        }
        return Files.write(folder.resolve("x.npz"), bytes.toByteArray());
    }

    private static byte[] floats(float... values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return data.array();
    }

    private StoredTensor only(Path file) {
        return NpzFile.read(file).firstEntry().getValue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void storedAndDeflatedArraysAreRead(boolean deflated) throws Exception {
        Path file = zip("params/a.npy", npy("<f4", false, "(2, 3)", floats(1, 2, 3, 4, 5, 6)), deflated);
        StoredTensor x = only(file);
        assertThat(x.toString()).isEqualTo("params/a: F32 [2, 3]");
        assertThat(x.toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void fortranOrderBecomesRowMajor() throws Exception {
        Path file = zip("a.npy", npy("<f4", true, "(2, 3)", floats(1, 4, 2, 5, 3, 6)), true);
        assertThat(only(file).toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void bigEndianIsSwapped() throws Exception {
        assertThat(only(zip("a.npy", npy(">i4", false, "(2,)", new byte[] {0, 0, 0, 7, -1, -1, -1, -2}), true))
                        .toLongs())
                .containsExactly(7, -2);
    }

    @Test
    void twoByteVoidIsBfloat16() throws Exception {
        StoredTensor x = only(zip("a.npy", npy("|V2", false, "(1,)", new byte[] {(byte) 0x80, 0x3f}), false));
        assertThat(x.dtype()).isEqualTo(DType.BF16);
        assertThat(x.toFloats()).containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everyVersionOfTheHeaderIsRead(int version) throws Exception {
        Path file = zip("a.npy", npy("{\"shape\":(),'fortran_order':False,'descr':'<f4'}", version, floats(3)), false);
        assertThat(only(file).toFloats()).containsExactly(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            {'descr': '|O', 'fortran_order': False, 'shape': (1,), }; dtype '|O' holds pickled Python objects
            {'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }; structured dtype
            {'descr': '<U4', 'fortran_order': False, 'shape': (1,), }; dtype '<U4', wanted
            {'descr': '<f4', 'fortran_order': False, 'shape': (2,), }; F32 [2] takes 8 bytes
            {'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }; no size
            {'descr': '<f4', 'fortran_order': False, 'shape': (900000000000000000, 900000000000000000), }; impossible shape
            {'descr': '<f4', 'fortran_order': False, 'shape': (1), }; no tuple
            {'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }; neither True nor False
            {'descr': '<f4', 'fortran_order': False}; wanted descr, fortran_order and shape
            {'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}; key 'descr' twice
            {'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': ''}; key 'x'
            {'descr': '<f4', 'fortran_order': False, 'shape': (1,)}x; text after the dict
            __import__('os'); no '{'
            """)
    void brokenHeadersAreNamed(String header, String message) throws Exception {
        Path file = zip("a.npy", npy(header, 1, floats(1)), true);
        assertThatThrownBy(() -> NpzFile.read(file))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(file + ": a.npy: ")
                .hasMessageContaining(message);
    }

    @Test
    void damagedDataIsFound() throws Exception {
        Path file = zip("a.npy", npy("<f4", false, "(2, 3)", floats(1, 2, 3, 4, 5, 6)), false);
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        bytes[text.indexOf('}', text.indexOf("descr")) + 10] ^=
                1; // the time of day in front of it may hold a } as well
        Files.write(file, bytes);
        assertThatThrownBy(() -> NpzFile.read(file)).hasMessageContaining("a.npy: damaged: CRC");
    }

    @Test
    void pathsInEntryNamesAreRefused() throws Exception {
        Path file = zip("../a.npy", npy("<f4", false, "(1,)", floats(1)), false);
        assertThatThrownBy(() -> NpzFile.read(file)).hasMessageContaining("refused entry name '../a.npy'");
    }

    @Test
    void unwantedArraysAreNotLookedAt() throws Exception {
        Path file = zip("opt/a.npy", npy("|O", false, "(1,)", floats(1)), true);
        assertThat(NpzFile.read(file, name -> !name.startsWith("opt/"))).isEmpty();
    }

    @Test
    void zipBombIsRefusedBeforeItIsInflated() throws Exception {
        int bytes = (int) NpzFile.BOMB_BYTES + 4;
        Path file = zip("a.npy", npy("<f4", false, "(%d,)".formatted(bytes / 4), new byte[bytes]), true);
        assertThatThrownBy(() -> NpzFile.read(file)).hasMessageContaining("refused as a zip bomb");
    }

    @Test
    void sizeThatDeflateCannotReachIsRefused() throws Exception {
        Path file = zip("a.npy", npy("<f4", false, "(1,)", floats(1)), true);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int directory = bytes.getInt(bytes.capacity() - 6);
        bytes.putInt(directory + 24, 1 << 30);
        Files.write(file, bytes.array());
        assertThatThrownBy(() -> NpzFile.read(file)).hasMessageContaining("a.npy: claims 1073741824 bytes from");
    }

    @Test
    void sizeThatIsNotTheArraysIsRefused() throws Exception {
        Path file = zip("a.npy", npy("<f4", false, "(1,)", floats(1)), true);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int size = bytes.getInt(bytes.capacity() - 6) + 24;
        bytes.putInt(size, bytes.getInt(size) - 1);
        Files.write(file, bytes.array());
        assertThatThrownBy(() -> NpzFile.read(file)).hasMessageContaining("a.npy: F32 [1] takes 4 bytes");
    }

    @Test
    void zip64DirectoryIsRead() throws Exception {
        byte[] zip = Files.readAllBytes(zip("a.npy", npy("<f4", false, "(1,)", floats(7)), false));
        int end = zip.length - 22;
        ByteBuffer old = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer file = ByteBuffer.allocate(zip.length + 56 + 20).order(ByteOrder.LITTLE_ENDIAN);
        file.put(zip, 0, end);
        file.putInt(0x06064b50)
                .putLong(44)
                .putInt(0)
                .putInt(0)
                .putInt(0)
                .putLong(1)
                .putLong(1);
        file.putLong(old.getInt(end + 12)).putLong(old.getInt(end + 16));
        file.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
        file.put(zip, end, 22);
        file.putShort(file.capacity() - 12, (short) -1)
                .putInt(file.capacity() - 10, -1)
                .putInt(file.capacity() - 6, -1);
        Path path = Files.write(folder.resolve("64.npz"), file.array());
        assertThat(only(path).toFloats()).containsExactly(7);
    }
}
