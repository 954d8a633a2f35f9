package dev.fovea.text;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Tag;

/** A fuzz target: the agent alone takes longer to load than all tests beside it, so it is not part of the default build. */
@Tag("slow")
class SentencePieceModelFuzzTest {

    @FuzzTest
    void anyBytes(byte[] file) {
        SentencePieceModelTest.use(file);
    }
}
