package dev.fovea.checkpoint;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fuzz targets, which begin with sound files; {@code JAZZER_FUZZ=1} makes them search. Tagged since the agent that comes with
 * them slows down all tests of the process.
 */
@Tag("slow")
class CheckpointFuzzTest {

    static Stream<Arguments> safetensors() {
        return Stream.of(Arguments.of((Object) HostileFilesTest.safetensors()));
    }

    @MethodSource("safetensors")
    @FuzzTest(maxDuration = "5m")
    void anySafetensors(byte[] file) {
        HostileFilesTest.readSafetensors(file);
    }

    static Stream<Arguments> npz() throws Exception {
        return Stream.of(Arguments.of((Object) HostileFilesTest.npz()));
    }

    @MethodSource("npz")
    @FuzzTest(maxDuration = "5m")
    void anyNpz(byte[] file) {
        HostileFilesTest.readNpz(file);
    }

    static Stream<Arguments> gguf() {
        return Stream.of(Arguments.of((Object) HostileFilesTest.gguf()));
    }

    @MethodSource("gguf")
    @FuzzTest(maxDuration = "5m")
    void anyGguf(byte[] file) {
        HostileFilesTest.readGguf(file);
    }

    static Stream<Arguments> torch() {
        return Stream.of("state.pth", "state_before_1.6.pth")
                .map(name -> Arguments.of((Object) TorchFileTest.resource(name)));
    }

    @MethodSource("torch")
    @FuzzTest(maxDuration = "5m")
    void anyTorch(byte[] file) {
        HostileFilesTest.readTorch(file);
    }
}
