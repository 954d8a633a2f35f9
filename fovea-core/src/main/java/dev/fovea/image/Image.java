package dev.fovea.image;

import java.util.Arrays;

/**
 * A picture of bytes, red, green and blue.
 *
 * @param rgb {@code [H, W, 3]} row-major, 0 to 255 as unsigned bytes; kept, not copied
 */
public record Image(int height, int width, byte[] rgb) implements Picture {

    public Image {
        if (height < 1 || width < 1 || rgb.length != (long) height * width * 3) {
            throw new IllegalArgumentException(
                    "image: %d bytes do not make [%d, %d, 3]".formatted(rgb.length, height, width));
        }
    }

    /** A picture of one value. */
    public static Image filled(int height, int width, int value) {
        var rgb = new byte[Math.multiplyExact(Math.multiplyExact(height, width), 3)];
        Arrays.fill(rgb, (byte) value);
        return new Image(height, width, rgb);
    }

    @Override
    public int channels() {
        return 3;
    }

    /** The byte at a place, 0 to 255. */
    public int at(int row, int column, int channel) {
        return rgb[(row * width + column) * 3 + channel] & 0xff;
    }

    @Override
    public Image crop(int top, int left, int cropHeight, int cropWidth) {
        checkCrop(this, top, left, cropHeight, cropWidth);
        if (cropHeight == height && cropWidth == width) {
            return this;
        }
        var part = new byte[cropHeight * cropWidth * 3];
        for (int y = 0; y < cropHeight; y++) {
            System.arraycopy(rgb, ((top + y) * width + left) * 3, part, y * cropWidth * 3, cropWidth * 3);
        }
        return new Image(cropHeight, cropWidth, part);
    }

    @Override
    public Image flipLeftRight() {
        var flipped = new byte[rgb.length];
        for (int y = 0; y < height; y++) {
            int from = y * width * 3;
            int to = from + (width - 1) * 3;
            for (int x = 0; x < width; x++, from += 3, to -= 3) {
                flipped[to] = rgb[from];
                flipped[to + 1] = rgb[from + 1];
                flipped[to + 2] = rgb[from + 2];
            }
        }
        return new Image(height, width, flipped);
    }

    @Override
    public Image pad(int top, int bottom, int left, int right, int fill) {
        Image padded = filled(height + top + bottom, width + left + right, fill);
        for (int y = 0; y < height; y++) {
            System.arraycopy(rgb, y * width * 3, padded.rgb, ((top + y) * padded.width + left) * 3, width * 3);
        }
        return padded;
    }

    /** This picture at a place of a larger black one. */
    Image onCanvas(int canvasHeight, int canvasWidth, int top, int left) {
        return canvasHeight == height && canvasWidth == width
                ? this
                : pad(top, canvasHeight - height - top, left, canvasWidth - width - left, 0);
    }

    static void checkCrop(Picture x, int top, int left, int height, int width) {
        if (top < 0 || left < 0 || height < 1 || width < 1 || top + height > x.height() || left + width > x.width()) {
            throw new IllegalArgumentException("crop of [%d, %d] at (%d, %d) does not lie in a picture of [%d, %d]"
                    .formatted(height, width, top, left, x.height(), x.width()));
        }
    }
}
