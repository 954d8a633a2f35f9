package dev.fovea.data;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;

/**
 * Fuzz targets; {@code JAZZER_FUZZ=1} makes them search. Tagged since the agent that comes with them slows down all tests
 * of the process.
 */
@Tag("slow")
class DataFuzzTest {

    @FuzzTest(maxDuration = "5m")
    void anyParquet(byte[] file) {
        read(file, HostileDataTest::readParquet);
    }

    @FuzzTest(maxDuration = "5m")
    void anyTar(byte[] file) {
        read(file, HostileDataTest::readTar);
    }

    @FuzzTest(maxDuration = "5m")
    void anyIdx(byte[] file) {
        read(file, HostileDataTest::readIdx);
    }

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
