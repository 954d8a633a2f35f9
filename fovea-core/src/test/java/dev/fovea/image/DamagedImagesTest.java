package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes, decoding gives a picture or one clear error, soon and in little memory. */
@Timeout(20)
class DamagedImagesTest {

    private static final int DAMAGES = 40;
    private static final DecodeOptions SMALL = DecodeOptions.DEFAULT.withMaxPixels(1 << 20);

    private static Stream<String> names() {
        return Samples.files().keySet().stream();
    }

    /** Never half a picture: what is cut off was either needed, and missed, or was not part of the picture. */
    @ParameterizedTest
    @MethodSource("names")
    void truncatedFilesAreRefusedOrWhole(String name) {
        byte[] file = Samples.file(name);
        Image whole = ImageDecoder.decode(file, name);
        for (int length = 0; length < file.length; length += 1 + length / DAMAGES) {
            Image found = tryDecode(Arrays.copyOf(file, length), name);
            if (found != null) {
                assertThat(found.rgb()).as("%s cut to %d bytes", name, length).isEqualTo(whole.rgb());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void damagedBytesGiveAPictureOrAnError(String name) {
        byte[] file = Samples.file(name);
        var random = new Random(5);
        for (int i = 0; i < DAMAGES; i++) {
            byte[] damaged = file.clone();
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                damaged[random.nextInt(1 + random.nextInt(file.length))] = (byte) random.nextInt();
            }
            tryDecode(damaged, name);
        }
    }

    /** A scan that stops early, but is ended as the format wants it. */
    @ParameterizedTest
    @ValueSource(strings = {"baseline.jpg", "grey.jpg", "cmyk.jpg"})
    void jpegDataThatEndsEarlyIsRefused(String name) {
        byte[] file = Samples.file(name);
        byte[] cut = Arrays.copyOf(file, file.length - file.length / 8);
        cut[cut.length - 2] = (byte) 0xff;
        cut[cut.length - 1] = (byte) 0xd9;
        assertThatThrownBy(() -> ImageDecoder.decode(cut, name)).hasMessageStartingWith(name + ": damaged JPEG: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rgb.png", "interlaced.png", "palette.png", "grey16.png"})
    void pngDataThatEndsEarlyIsRefused(String name) throws Exception {
        byte[] shortened = PngParts.withData(Samples.file(name), raw -> Arrays.copyOf(raw, raw.length * 3 / 4));
        assertThatThrownBy(() -> ImageDecoder.decode(shortened, name))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(name + ": ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"picture.gif", "interlaced.gif"})
    void gifDataThatEndsEarlyIsRefused(String name) {
        byte[] file = Samples.file(name);
        byte[] ended = file.clone();
        ended[dataStart(file) + 1 + (file[dataStart(file)] & 0xff)] = 0; // the second block of data is empty: the last
        assertThatThrownBy(() -> ImageDecoder.decode(ended, name)).hasMessageContaining("GIF data ends after");
    }

    private static int dataStart(byte[] gif) {
        int at = 13 + ((gif[10] & 0x80) == 0 ? 0 : 3 << ((gif[10] & 7) + 1));
        while (gif[at] != 0x2c) {
            at += 2;
            while (gif[at] != 0) {
                at += 1 + (gif[at] & 0xff);
            }
            at++;
        }
        return at + 11 + ((gif[at + 9] & 0x80) == 0 ? 0 : 3 << ((gif[at + 9] & 7) + 1));
    }

    /** The picture, or null where it was refused in the documented way; anything else fails. */
    private static @Nullable Image tryDecode(byte[] file, String name) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            return ImageDecoder.decode(file, name, SMALL);
        } catch (UncheckedIOException e) {
            assertThat(e).hasMessageStartingWith(name + ": ");
            return null;
        } catch (RuntimeException e) {
            return fail("not the documented exception", e);
        } finally {
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64 << 20);
        }
    }
}
