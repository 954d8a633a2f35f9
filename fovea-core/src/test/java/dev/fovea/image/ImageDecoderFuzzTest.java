package dev.fovea.image;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.UncheckedIOException;

/** Any bytes: a picture or the documented exception. Regression mode unless run with JAZZER_FUZZ=1. */
class ImageDecoderFuzzTest {

    private static final DecodeOptions SMALL = DecodeOptions.DEFAULT.withMaxPixels(1 << 20);

    @FuzzTest(maxDuration = "10m")
    void decodingGivesAPictureOrTheDocumentedError(byte[] file) {
        try {
            ImageDecoder.decode(file, "fuzz", SMALL);
            ImageDecoder.decode(file, "fuzz", SMALL.over(0xffffff));
        } catch (UncheckedIOException e) {
            if (!String.valueOf(e.getMessage()).startsWith("fuzz: ")) {
                throw e;
            }
        }
    }
}
