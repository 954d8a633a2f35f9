package dev.fovea.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {

    private static final Image PICTURE = Samples.picture(30, 40);

    @ParameterizedTest
    @ValueSource(strings = {"rgb.png", "interlaced.png", "alpha.png", "rgb.bmp"})
    void losslessFormatsGiveBackThePicture(String name) {
        assertThat(ImageDecoder.decode(Samples.file(name), name).rgb()).isEqualTo(PICTURE.rgb());
    }

    @Test
    void interlacedGifEqualsPlainGif() {
        Image plain = ImageDecoder.decode(Samples.file("picture.gif"), "picture.gif");
        assertThat(ImageDecoder.decode(Samples.file("interlaced.gif"), "interlaced.gif")
                        .rgb())
                .isEqualTo(plain.rgb());
    }

    @Test
    void sixteenBitsKeepTheirUpperByte() throws Exception {
        byte[] raw = {0, 0x12, (byte) 0xff, (byte) 0xab, 0x01}; // filter none, two grey samples
        byte[] png = PngParts.file(2, 1, 16, 0, PngParts.deflated(raw));
        assertThat(ImageDecoder.decode(png, "16.png").rgb())
                .isEqualTo(new byte[] {0x12, 0x12, 0x12, (byte) 0xab, (byte) 0xab, (byte) 0xab});
    }

    @Test
    void alphaIsDroppedUnlessABackgroundIsGiven() {
        var clear = new BufferedImage(1, 1, BufferedImage.TYPE_4BYTE_ABGR);
        clear.setRGB(0, 0, 0x80ff0000);
        byte[] png = Samples.encode("png", clear, false);
        assertThat(ImageDecoder.decode(png, "a.png").rgb()).isEqualTo(new byte[] {(byte) 0xff, 0, 0});
        assertThat(ImageDecoder.decode(png, "a.png", DecodeOptions.DEFAULT.over(0x0000ff))
                        .rgb())
                .isEqualTo(new byte[] {(byte) 0x80, 0, 0x7f});
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void exifOrientationTurnsThePictureUpright(int orientation) {
        byte[] jpeg = Samples.file("baseline.jpg");
        Image stored = ImageDecoder.decode(jpeg, "x.jpg");
        byte[] turned = withExif(jpeg, orientation, ByteOrder.LITTLE_ENDIAN);
        Image found = ImageDecoder.decode(turned, "x.jpg");
        assertThat(ImageDecoder.decode(turned, "x.jpg", DecodeOptions.DEFAULT.unrotated())
                        .rgb())
                .isEqualTo(stored.rgb());
        for (int row = 0; row < found.height(); row++) {
            for (int column = 0; column < found.width(); column++) {
                boolean swap = orientation >= 5;
                int r = swap ? column : row;
                int c = swap ? row : column;
                // Where row 0 and column 0 of the stored picture are seen, by the table of the EXIF standard.
                boolean bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
                boolean right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
                r = bottom ? stored.height() - 1 - r : r;
                c = right ? stored.width() - 1 - c : c;
                assertThat(found.at(row, column, 0)).isEqualTo(stored.at(r, c, 0));
            }
        }
    }

    @Test
    void brokenExifDoesNotLoseThePicture() {
        byte[] jpeg = Samples.file("baseline.jpg");
        byte[] exif = withExif(jpeg, 6, ByteOrder.BIG_ENDIAN);
        ByteBuffer.wrap(exif).putInt(2 + 4 + 6 + 4, 0x7ffffff0); // the directory lies outside
        assertThat(ImageDecoder.decode(exif, "x.jpg").height()).isEqualTo(30);
    }

    @Test
    void headersTellTheSizeWithoutDecoding() {
        Samples.files().forEach((name, file) -> {
            ImageHeader header = ImageDecoder.header(file, name);
            assertThat(header.height()).as(name).isEqualTo(30);
            assertThat(header.width()).as(name).isEqualTo(40);
        });
    }

    @Test
    void filesOfOtherKindsAreNamed() {
        assertThatThrownBy(() -> ImageDecoder.decode("%PDF-1.7".getBytes(US_ASCII), "a.jpg"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("a.jpg: not a picture: begins with [25 50 44 46 2d 31 2e 37], "
                        + "wanted JPEG, PNG, WebP, GIF or BMP");
        assertThatThrownBy(() -> ImageDecoder.read(Path.of("/nowhere/x.png")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("/nowhere/x.png: cannot be read");
    }

    @Test
    void picturesBeyondTheLimitAreRefusedBeforeDecoding() {
        assertThatThrownBy(() ->
                        ImageDecoder.decode(Samples.file("rgb.png"), "x", DecodeOptions.DEFAULT.withMaxPixels(1199)))
                .hasMessage("x: PNG announces 40x30 pixels, the limit is 1199 (maxPixels)");
    }

    @ParameterizedTest
    @CsvSource({"9000,9000", "60000,60000", "2147483647,2147483647"})
    void pngBombsAreRefused(int width, int height) throws Exception {
        byte[] bomb = PngParts.file(width, height, 8, 2, PngParts.deflated(new byte[100_000]));
        assertThatThrownBy(() -> ImageDecoder.decode(bomb, "bomb.png"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("pixels, too many for");
    }

    @Test
    void hugeGifScreensAreRefused() {
        byte[] gif = Samples.file("picture.gif");
        ByteBuffer.wrap(gif)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(6, (short) 65535)
                .putShort(8, (short) 65535);
        assertThatThrownBy(() -> ImageDecoder.decode(gif, "x.gif"))
                .hasMessage("x.gif: GIF announces 65535x65535 pixels, the limit is 89478485 (maxPixels)");
    }

    @ParameterizedTest
    @CsvSource({"-5,30", "2000000000,2000000000", "40,-2147483648", "40,2147483647", "0,30"})
    void impossibleBmpSizesAreRefused(int width, int height) {
        byte[] bmp = Samples.file("rgb.bmp");
        ByteBuffer.wrap(bmp).order(ByteOrder.LITTLE_ENDIAN).putInt(18, width).putInt(22, height);
        assertThatThrownBy(() -> ImageDecoder.decode(bmp, "x.bmp"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("x.bmp: ");
    }

    @Test
    void bmpRowsFromTheTopAreReadToo() {
        byte[] bmp = Samples.file("rgb.bmp");
        ByteBuffer.wrap(bmp).order(ByteOrder.LITTLE_ENDIAN).putInt(22, -30);
        Image found = ImageDecoder.decode(bmp, "x.bmp");
        assertThat(found.crop(0, 0, 1, 40).rgb())
                .isEqualTo(PICTURE.crop(29, 0, 1, 40).rgb());
    }

    @Test
    void manyScansAreRefused() {
        byte[] jpeg = Samples.file("progressive.jpg");
        int scan = indexOf(jpeg, 0xda, 0);
        int next = indexOf(jpeg, 0xff, scan + 20) - 1;
        var out = new ByteArrayOutputStream();
        out.write(jpeg, 0, scan - 1);
        for (int i = 0; i < 1000; i++) {
            out.write(jpeg, scan - 1, next - scan + 2);
        }
        out.write(jpeg, next + 1, jpeg.length - next - 1);
        assertThatThrownBy(() -> ImageDecoder.decode(out.toByteArray(), "x.jpg"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("scans");
    }

    @Test
    void animationsGiveTheirFirstFrame() {
        assertThat(ImageDecoder.decode(Samples.file("animated.webp"), "a").rgb())
                .isEqualTo(
                        ImageDecoder.decode(Samples.file("lossless.webp"), "b").rgb());
    }

    @Test
    void encodedPicturesAreReadBack() {
        assertThat(ImageDecoder.decode(ImageEncoder.png(PICTURE), "x").rgb()).isEqualTo(PICTURE.rgb());
        Image jpeg = ImageDecoder.decode(ImageEncoder.jpeg(PICTURE, 0.95f), "x");
        assertThat(Math.abs(jpeg.at(10, 10, 1) - PICTURE.at(10, 10, 1))).isLessThan(12);
        assertThat(ImageEncoder.thumbnail(PICTURE, 20))
                .extracting(Image::height, Image::width)
                .containsExactly(15, 20);
    }

    private static int indexOf(byte[] bytes, int marker, int from) {
        int i = from;
        while ((bytes[i] & 0xff) != marker || (marker != 0xff && bytes[i - 1] != (byte) 0xff)) {
            i++;
        }
        return i;
    }

    private static byte[] withExif(byte[] jpeg, int orientation, ByteOrder order) {
        ByteBuffer exif = ByteBuffer.allocate(36);
        exif.putShort((short) 0xffe1).putShort((short) 34).put("Exif\0\0".getBytes(US_ASCII));
        exif.order(order).put((order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes(US_ASCII));
        exif.putShort((short) 42).putInt(8).putShort((short) 1);
        exif.putShort((short) 0x112).putShort((short) 3).putInt(1).putShort((short) orientation);
        var out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.writeBytes(exif.array());
        out.write(jpeg, 2, jpeg.length - 2);
        return out.toByteArray();
    }

    /** The fuzzer found a picture whose decoder took the end for zeros, for minutes. */
    @Test
    void decodersCannotReadOnForEverPastTheEnd() throws IOException {
        try (var input = new Codec.Input(new byte[] {7, 8})) {
            assertThat(input.read()).isEqualTo(7);
            assertThat(input.read(new byte[4], 0, 4)).isEqualTo(1);
            for (int i = 0; i < Codec.Input.MOST_READS_PAST_THE_END; i++) {
                assertThat(i % 2 == 0 ? input.read() : input.read(new byte[1], 0, 1))
                        .isEqualTo(-1);
            }
            assertThatThrownBy(input::read)
                    .isExactlyInstanceOf(IOException.class) // an EOFException is taken for zeros
                    .hasMessage("truncated, or its header claims more than its 2 bytes hold");
            assertThatThrownBy(() -> input.read(new byte[1], 0, 1)).isExactlyInstanceOf(IOException.class);
            input.seek(0);
            assertThat(input.read()).isEqualTo(7);
        }
    }
}
