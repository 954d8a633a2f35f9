package dev.fovea.text;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A fuzz target: the agent alone takes longer to load than all tests beside it, so it is not part of the default build. */
@Tag("slow")
class SentencePieceModelFuzzTest {

    static Stream<Arguments> models() {
        return Stream.of(Arguments.of((Object) SentencePieceModelTest.sample()));
    }

    @MethodSource("models")
    @FuzzTest(maxDuration = "5m")
    void anyBytes(byte[] file) {
        SentencePieceModelTest.use(file);
    }
}
