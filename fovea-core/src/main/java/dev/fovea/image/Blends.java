package dev.fovea.image;

import java.util.Arrays;

/** Operations that blend a picture with a poorer one, or away from it. */
final class Blends {

    /** Weights of smoothing; summed as floats, since a sum of 199.99998 is cut off to 199 in the reference too. */
    private static final float EDGE = 1f / 13;

    private static final float MIDDLE = 5f / 13;

    private Blends() {}

    /** Towards (0) or away from (above 1) grey. */
    static Image color(Image x, float factor) {
        byte[] grey = grey(x);
        return blend(Colour.greyToRgb(grey), x, factor);
    }

    /**
     * Towards or away from one grey, which in the reference is the number of pixels over 256, not their mean: it sums
     * the histogram's counts and not its values.
     */
    static Image contrast(Image x, float factor) {
        var poorer = new byte[x.rgb().length];
        Arrays.fill(poorer, (byte) (int) Math.min(255f, (float) (x.height() * x.width()) / 256f));
        return blend(poorer, x, factor);
    }

    /** Towards or away from black. */
    static Image brightness(Image x, float factor) {
        return blend(new byte[x.rgb().length], x, factor);
    }

    /** Towards or away from a smoothed picture, whose border is not smoothed. */
    static Image sharpness(Image x, float factor) {
        byte[] in = x.rgb();
        byte[] smooth = in.clone();
        int stride = x.width() * 3;
        for (int y = 1; y < x.height() - 1; y++) {
            for (int i = y * stride + 3; i < (y + 1) * stride - 3; i++) {
                float sum = 0;
                for (int row = i - stride; row <= i + stride; row += stride) {
                    sum += EDGE * (in[row - 3] & 0xff);
                    sum += (row == i ? MIDDLE : EDGE) * (in[row] & 0xff);
                    sum += EDGE * (in[row + 3] & 0xff);
                }
                smooth[i] = (byte) (int) Math.min(255f, sum);
            }
        }
        return blend(smooth, x, factor);
    }

    /** Luminance as TensorFlow rounds it: by way of floats 0 to 1 and back with 255.5. */
    private static byte[] grey(Image x) {
        var grey = new byte[x.height() * x.width()];
        for (int i = 0, k = 0; i < grey.length; i++, k += 3) {
            float r = (x.rgb()[k] & 0xff) * (1f / 255f);
            float g = (x.rgb()[k + 1] & 0xff) * (1f / 255f);
            float b = (x.rgb()[k + 2] & 0xff) * (1f / 255f);
            grey[i] = (byte) (int) Math.min(255f, (0.2989f * r + 0.587f * g + 0.114f * b) * 255.5f);
        }
        return grey;
    }

    private static Image blend(byte[] poorer, Image x, float factor) {
        if (factor == 1) {
            return x;
        }
        var out = new byte[poorer.length];
        for (int i = 0; i < out.length; i++) {
            float from = poorer[i] & 0xff;
            float v = from + factor * ((x.rgb()[i] & 0xff) - from);
            out[i] = (byte) (int) Math.max(0f, Math.min(255f, v));
        }
        return new Image(x.height(), x.width(), out);
    }
}
