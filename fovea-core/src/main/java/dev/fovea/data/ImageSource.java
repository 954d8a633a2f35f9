package dev.fovea.data;

import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;

/** A picture as the data set has it: an encoded file, or pixels. */
public sealed interface ImageSource {

    /** The pixels; decoding happens here, each time. A broken file is an error that names it. */
    Image image();

    /**
     * The bytes of a JPEG, PNG, WebP, GIF or BMP file.
     *
     * @param name what messages call it
     */
    record Encoded(String name, byte[] file) implements ImageSource {
        @Override
        public Image image() {
            return ImageDecoder.decode(file, name);
        }
    }

    /** Pixels at hand. */
    record Decoded(Image image) implements ImageSource {}
}
