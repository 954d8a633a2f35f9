package dev.fovea.data;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fuzz targets, which begin with sound files; {@code JAZZER_FUZZ=1} makes them search. Tagged since the agent that comes with
 * them slows down all tests of the process.
 */
@Tag("slow")
class DataFuzzTest {

    static Stream<Arguments> parquet() {
        return Stream.of("none", "snappy", "gzip", "zstd", "lz4")
                .map(codec -> Arguments.of((Object) TestData.resource("images_" + codec + ".parquet")));
    }

    @MethodSource("parquet")
    @FuzzTest(maxDuration = "5m")
    void anyParquet(byte[] file) {
        read(file, HostileDataTest::readParquet);
    }

    static Stream<Arguments> tar() {
        return Stream.of(TestData.tar(TestData.samples(0, 2)), TestData.gzip(TestData.tar(TestData.samples(0, 2))))
                .map(file -> Arguments.of((Object) file));
    }

    @MethodSource("tar")
    @FuzzTest(maxDuration = "5m")
    void anyTar(byte[] file) {
        read(file, HostileDataTest::readTar);
    }

    static Stream<Arguments> idx() {
        return Stream.of(
                        TestData.idx(new int[] {3, 2, 2}, new byte[12]),
                        TestData.gzip(TestData.idx(new int[] {1}, new byte[1])))
                .map(file -> Arguments.of((Object) file));
    }

    @MethodSource("idx")
    @FuzzTest(maxDuration = "5m")
    void anyIdx(byte[] file) {
        read(file, HostileDataTest::readIdx);
    }

    static Stream<Arguments> cifar() {
        return Stream.of(Arguments.of((Object) new byte[3073]));
    }

    @MethodSource("cifar")
    @FuzzTest(maxDuration = "5m")
    void anyCifar(byte[] file) {
        read(file, HostileDataTest::readCifar);
    }

    private static void read(byte[] file, Consumer<Path> reader) {
        try {
            HostileDataTest.refusesOrReads(Files.createTempFile("fovea-fuzz", ""), file, reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
