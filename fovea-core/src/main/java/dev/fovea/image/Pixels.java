package dev.fovea.image;

import java.util.Arrays;

/**
 * A picture of floats.
 *
 * @param values {@code [H, W, C]} row-major; kept, not copied
 */
public record Pixels(int height, int width, int channels, float[] values) implements Picture {

    public Pixels {
        if (height < 1 || width < 1 || channels < 1 || values.length != (long) height * width * channels) {
            throw new IllegalArgumentException(
                    "pixels: %d values do not make [%d, %d, %d]".formatted(values.length, height, width, channels));
        }
    }

    /** The bytes of a picture as floats 0 to 255. */
    public static Pixels of(Image image) {
        var values = new float[image.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = image.rgb()[i] & 0xff;
        }
        return new Pixels(image.height(), image.width(), 3, values);
    }

    /** The same values plane by plane, {@code [C, H, W]}. */
    public float[] planes() {
        var planes = new float[values.length];
        int area = height * width;
        for (int i = 0; i < area; i++) {
            for (int c = 0; c < channels; c++) {
                planes[c * area + i] = values[i * channels + c];
            }
        }
        return planes;
    }

    @Override
    public Pixels crop(int top, int left, int cropHeight, int cropWidth) {
        Image.checkCrop(this, top, left, cropHeight, cropWidth);
        var part = new float[cropHeight * cropWidth * channels];
        for (int y = 0; y < cropHeight; y++) {
            int from = ((top + y) * width + left) * channels;
            System.arraycopy(values, from, part, y * cropWidth * channels, cropWidth * channels);
        }
        return new Pixels(cropHeight, cropWidth, channels, part);
    }

    @Override
    public Pixels flipLeftRight() {
        var flipped = new float[values.length];
        for (int i = 0; i < height * width; i++) {
            int mirrored = i - i % width + width - 1 - i % width;
            System.arraycopy(values, i * channels, flipped, mirrored * channels, channels);
        }
        return new Pixels(height, width, channels, flipped);
    }

    @Override
    public Pixels pad(int top, int bottom, int left, int right, int fill) {
        int outWidth = width + left + right;
        var padded = new float[(height + top + bottom) * outWidth * channels];
        Arrays.fill(padded, fill);
        for (int y = 0; y < height; y++) {
            int to = ((top + y) * outWidth + left) * channels;
            System.arraycopy(values, y * width * channels, padded, to, width * channels);
        }
        return new Pixels(height + top + bottom, outWidth, channels, padded);
    }
}
