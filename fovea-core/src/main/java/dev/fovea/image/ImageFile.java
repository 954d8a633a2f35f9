package dev.fovea.image;

import java.io.IOException;

/** A file whose structure was walked and found whole, with its pixels still encoded. */
sealed interface ImageFile permits JpegFile, PngFile, WebpFile, GifFile, BmpFile {

    ImageHeader header();

    /** The pixels as stored, not rotated. */
    Image decode(DecodeOptions options) throws IOException;

    /** Walks a file's structure and decodes nothing. */
    static ImageFile scan(byte[] file) throws IOException {
        ImageFormat format = ImageFormat.of(file);
        if (format == null) {
            throw new IOException("not a picture: begins with [%s], wanted JPEG, PNG, WebP, GIF or BMP"
                    .formatted(Bytes.hex(file, 0, Math.min(8, file.length))));
        }
        return switch (format) {
            case JPEG -> JpegFile.scan(file);
            case PNG -> PngFile.scan(file);
            case WEBP -> WebpFile.scan(file);
            case GIF -> GifFile.scan(file);
            case BMP -> BmpFile.scan(file);
        };
    }
}
