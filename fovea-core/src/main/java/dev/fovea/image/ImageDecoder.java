package dev.fovea.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Encoded pictures to RGB bytes: JPEG (baseline and progressive; grey, YCbCr, RGB, CMYK, YCCK), PNG (all of them), WebP,
 * GIF and BMP; of animations the first frame. JPEG equals libjpeg's accurate integer DCT with smooth chroma upsampling,
 * that is Pillow and TensorFlow's {@code INTEGER_ACCURATE}, bit for bit. Samples of 16 bits keep their upper byte;
 * colour profiles and gamma are not applied.
 *
 * <p>A file that is truncated, damaged, larger than {@link DecodeOptions#maxPixels} or of no known format throws
 * {@link UncheckedIOException} with the name of the file in front, and nothing else; never is half a picture returned.
 */
public final class ImageDecoder {

    private ImageDecoder() {}

    /** Decodes with {@link DecodeOptions#DEFAULT}; {@code name} is what errors call the file. */
    public static Image decode(byte[] file, String name) {
        return decode(file, name, DecodeOptions.DEFAULT);
    }

    /** Decodes a file's bytes; {@code name} is what errors call the file. */
    public static Image decode(byte[] file, String name, DecodeOptions options) {
        try {
            ImageFile scanned = ImageFile.scan(file);
            ImageHeader header = scanned.header();
            if ((long) header.height() * header.width() > options.maxPixels()) {
                throw new IOException("%s announces %dx%d pixels, the limit is %d (maxPixels)"
                        .formatted(header.format(), header.width(), header.height(), options.maxPixels()));
            }
            Image image = scanned.decode(options);
            if (image.height() != header.height() || image.width() != header.width()) {
                throw new IOException("%s announces %dx%d pixels and holds %dx%d"
                        .formatted(header.format(), header.width(), header.height(), image.width(), image.height()));
            }
            return options.rotate() ? Orientation.upright(image, header.orientation()) : image;
        } catch (IOException e) {
            throw new UncheckedIOException(name + ": " + e.getMessage(), e);
        } catch (RuntimeException e) { // the decoders below meet hostile bytes with whatever breaks first
            throw new UncheckedIOException(name + ": damaged, the decoder stopped with " + e, new IOException(e));
        }
    }

    /** Reads and decodes a file with {@link DecodeOptions#DEFAULT}. */
    public static Image read(Path file) {
        return read(file, DecodeOptions.DEFAULT);
    }

    /** Reads and decodes a file. */
    public static Image read(Path file, DecodeOptions options) {
        return decode(bytes(file), file.toString(), options);
    }

    /** What a file says of its picture; its structure is checked, no pixel is decoded. */
    public static ImageHeader header(byte[] file, String name) {
        try {
            return ImageFile.scan(file).header();
        } catch (IOException e) {
            throw new UncheckedIOException(name + ": " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read, " + e, e);
        } catch (OutOfMemoryError e) { // what the JDK throws for a file beyond 2 GiB
            throw new UncheckedIOException(new IOException(file + ": too large to read at once", e));
        }
    }
}
