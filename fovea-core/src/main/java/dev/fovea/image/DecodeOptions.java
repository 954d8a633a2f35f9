package dev.fovea.image;

import org.jspecify.annotations.Nullable;

/**
 * How {@link ImageDecoder} reads a file.
 *
 * @param maxPixels files that announce more pixels are refused before any is decoded
 * @param rotate turn the picture as its EXIF orientation says
 * @param background a colour 0xRRGGBB over which transparent pixels are laid; null drops the alpha channel and keeps the
 *     colours below it, as TensorFlow and {@code convert("RGB")} of Pillow do
 */
public record DecodeOptions(
        long maxPixels, boolean rotate, @Nullable Integer background) {

    /** 89,478,485 pixels (Pillow's limit, a quarter of a gigabyte of RGB), upright, alpha dropped. */
    public static final DecodeOptions DEFAULT = new DecodeOptions(89_478_485, true, null);

    public DecodeOptions {
        if (maxPixels < 1 || maxPixels > Integer.MAX_VALUE / 4) {
            throw new IllegalArgumentException(
                    "maxPixels must lie in 1 to %d, found %d".formatted(Integer.MAX_VALUE / 4, maxPixels));
        }
        if (background != null && (background & 0xff000000) != 0) {
            throw new IllegalArgumentException("background is a colour 0xRRGGBB, found 0x%x".formatted(background));
        }
    }

    /** The same with another limit on pixels. */
    public DecodeOptions withMaxPixels(long pixels) {
        return new DecodeOptions(pixels, rotate, background);
    }

    /** The same, laid over a colour 0xRRGGBB. */
    public DecodeOptions over(int colour) {
        return new DecodeOptions(maxPixels, rotate, colour);
    }

    /** The same, as the file stores it, whatever its EXIF orientation. */
    public DecodeOptions unrotated() {
        return new DecodeOptions(maxPixels, false, background);
    }
}
