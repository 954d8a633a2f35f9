package dev.fovea.checkpoint;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Tag;

/**
 * Fuzz targets; {@code JAZZER_FUZZ=1} makes them search. Tagged since the agent that comes with them slows down all tests
 * of the process.
 */
@Tag("slow")
class CheckpointFuzzTest {

    @FuzzTest(maxDuration = "5m")
    void anySafetensors(byte[] file) {
        HostileFilesTest.readSafetensors(file);
    }

    @FuzzTest(maxDuration = "5m")
    void anyNpz(byte[] file) {
        HostileFilesTest.readNpz(file);
    }
}
