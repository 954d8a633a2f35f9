package dev.fovea.image;

import java.util.random.RandomGenerator;

/** A step that maps every value on its own, and bytes to floats. */
public sealed interface PointStep extends Step permits ValueRange, Normalize {

    /** The function of one channel. */
    float map(float value, int channel);

    @Override
    default Pixels apply(Picture x, RandomGenerator random) {
        var values = new float[x.size()];
        write(x, values, 0);
        return new Pixels(x.height(), x.width(), x.channels(), values);
    }

    /** The step's result for {@code x}, written into an array. */
    default void write(Picture x, float[] into, int offset) {
        switch (x) {
            case Image image -> writeBytes(image.rgb(), into, offset);
            case Pixels pixels -> {
                for (int i = 0; i < pixels.values().length; i++) {
                    into[offset + i] = map(pixels.values()[i], i % pixels.channels());
                }
            }
        }
    }

    private void writeBytes(byte[] rgb, float[] into, int offset) {
        var red = new float[256];
        var green = new float[256];
        var blue = new float[256];
        for (int v = 0; v < 256; v++) {
            red[v] = map(v, 0);
            green[v] = map(v, 1);
            blue[v] = map(v, 2);
        }
        for (int i = 0, k = offset; i < rgb.length; i += 3, k += 3) {
            into[k] = red[rgb[i] & 0xff];
            into[k + 1] = green[rgb[i + 1] & 0xff];
            into[k + 2] = blue[rgb[i + 2] & 0xff];
        }
    }
}
