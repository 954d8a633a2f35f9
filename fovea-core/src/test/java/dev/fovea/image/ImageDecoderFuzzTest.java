package dev.fovea.image;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes, beginning with sound pictures: a picture or the documented exception. Regression mode unless run with JAZZER_FUZZ=1. */
class ImageDecoderFuzzTest {

    private static final DecodeOptions SMALL = DecodeOptions.DEFAULT.withMaxPixels(1 << 20);

    static Stream<Arguments> pictures() {
        return Samples.files().values().stream().map(file -> Arguments.of((Object) file));
    }

    @MethodSource("pictures")
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
