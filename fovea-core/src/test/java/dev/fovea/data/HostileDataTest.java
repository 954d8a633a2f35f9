package dev.fovea.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.fovea.data.CifarImages.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken files of every format are read, or refused with one line that begins with their path; nothing else. */
@Timeout(60)
class HostileDataTest {

    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(strings = {"none", "snappy", "gzip", "zstd", "lz4"})
    void corruptParquet(String codec) {
        corrupt(TestData.resource("images_" + codec + ".parquet"), 60, HostileDataTest::readParquet);
    }

    @Test
    void corruptTar() {
        byte[] tar = TestData.tar(TestData.samples(0, 4));
        corrupt(tar, 400, HostileDataTest::readTar);
        corrupt(TestData.gzip(tar), 400, HostileDataTest::readTar);
    }

    @Test
    void corruptIdx() {
        byte[] idx = TestData.idx(new int[] {3, 4, 5}, new byte[60]);
        corrupt(idx, 400, HostileDataTest::readIdx);
        corrupt(TestData.gzip(idx), 400, HostileDataTest::readIdx);
    }

    @Test
    void corruptCifar() {
        corrupt(new byte[2 * 3073], 200, HostileDataTest::readCifar);
    }

    @Test
    void idxHeadersThatClaimTooMuchAskForNoMemory() {
        Path file = TestData.write(dir.resolve("a"), TestData.idx(new int[] {1 << 30, 1 << 30, 1 << 30}, new byte[10]));
        assertThatThrownBy(() -> Idx.read(file, 3))
                .hasMessage(file + ": the sizes in the header multiply to more than 2^63");
        TestData.write(file, TestData.idx(new int[] {1 << 15, 1 << 8, 1 << 8}, new byte[10]));
        assertThatThrownBy(() -> Idx.read(file, 3))
                .hasMessage(file + ": the header claims [32768, 256, 256] = 2147483648 bytes,"
                        + " a file of 26 bytes holds at most 26");
        TestData.write(file, TestData.idx(new int[] {-1, 2, 2}, new byte[10]));
        assertThatThrownBy(() -> Idx.read(file, 3)).hasMessage(file + ": size 0 is -1, wanted 0 or more");
        TestData.write(file, TestData.gzip(TestData.idx(new int[] {1}, new byte[1 << 20])));
        assertThatThrownBy(() -> Idx.read(file, 1))
                .hasMessage(file + ": bytes follow the 1 that the header claims [1]");
    }

    @Test
    void cifarOfOddLengthIsNamed() {
        Path file = TestData.write(dir.resolve("data_batch_1.bin"), new byte[3072]);
        assertThatThrownBy(() -> readCifar(file))
                .hasMessage(file + ": found 3072 bytes, wanted a multiple of 3073 (one record of CIFAR10) below 2 GiB");
    }

    /** The fuzzer found a column whose name broke the line. */
    @Test
    void namesOutOfAFileDoNotBreakTheLine() {
        assertThat(DataFiles.broken("a", "column x\ny\u001bz").getMessage()).isEqualTo("a: column x?y?z");
        assertThat(DataFiles.failed("a", new IOException("b\nc")).getMessage()).isEqualTo("a: b?c");
    }

    static void readParquet(Path file) {
        ImageDataset data = ParquetImages.read(List.of(file), null, null, 1 << 20);
        read(data);
    }

    static void readTar(Path file) {
        read(new WebImages(WebDataset.open(List.of(file), 1 << 20), null, "cls", List.of()));
    }

    static void readIdx(Path file) {
        assertThat(Idx.read(file, 3).data().length).isLessThanOrEqualTo(1 << 20);
    }

    static void readCifar(Path file) {
        read(CifarImages.read(List.of(file), Layout.CIFAR10, List.of()));
    }

    private static void read(ImageDataset data) {
        for (long i = 0; i < data.size(); i++) {
            assertThat(data.get(i).image().height()).isPositive();
        }
    }

    /** Reads bytes as a file of their own; any error but one clear line fails. */
    static void refusesOrReads(Path file, byte[] bytes, Consumer<Path> reader) {
        TestData.write(file, bytes);
        try {
            reader.accept(file);
        } catch (UncheckedIOException e) {
            assertThat(e.getMessage()).startsWith(file.toString()).doesNotContain("\n");
        } finally {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                fail(e);
            }
        }
    }

    private void corrupt(byte[] sound, int times, Consumer<Path> reader) {
        for (int seed = 0; seed < times; seed++) {
            byte[] bytes = corrupted(sound, new SplittableRandom(seed));
            Path file = dir.resolve("file-" + seed);
            try {
                refusesOrReads(file, bytes, reader);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + " of a file of " + sound.length + " bytes", e);
            }
        }
    }

    private static byte[] corrupted(byte[] sound, SplittableRandom random) {
        byte[] bytes = sound.clone();
        int kind = random.nextInt(4);
        if (kind == 0) {
            return Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
        // Heads and tails hold what counts: half the hits go there.
        int[] spans = {bytes.length, Math.min(bytes.length, 512), Math.min(bytes.length, 2000)};
        for (int hit = 0; hit < kind; hit++) {
            int where = random.nextInt(3);
            int at = random.nextInt(spans[where]);
            bytes[where == 2 ? bytes.length - 1 - at : at] = (byte) (random.nextBoolean() ? 0xff : random.nextInt());
        }
        return bytes;
    }
}
