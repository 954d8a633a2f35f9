package dev.fovea.image;

import java.util.Arrays;

/**
 * What one axis of a resize reads: output i is the sum over k below {@code counts[i]} of {@code weights[i * width + k]}
 * times input {@code starts[i] + k}. The arithmetic is that of {@code tf.image.resize}, with half-pixel centres.
 */
record Taps(int[] starts, int[] counts, float[] weights, int width) {

    /** Cubic weights are looked up at this many places between two pixels, as TensorFlow does. */
    private static final int CUBIC_STEPS = 1024;

    static Taps of(int in, int out, Filter filter, boolean antialias) {
        return switch (filter) {
            case NEAREST -> nearest(in, out);
            case AREA -> area(in, out);
            case BILINEAR -> antialias ? kernel(in, out, filter, true) : linear(in, out);
            case BICUBIC -> antialias ? kernel(in, out, filter, true) : cubic(in, out);
            case LANCZOS3, LANCZOS5, GAUSSIAN, MITCHELLCUBIC -> kernel(in, out, filter, antialias);
        };
    }

    int outputs() {
        return starts.length;
    }

    private static Taps sized(int out, int width) {
        return new Taps(new int[out], new int[out], new float[out * width], width);
    }

    private void put(int i, int start, int count) {
        starts[i] = start;
        counts[i] = count;
    }

    private static Taps nearest(int in, int out) {
        Taps taps = sized(out, 1);
        float scale = (float) in / out;
        for (int i = 0; i < out; i++) {
            taps.put(i, Math.min((int) Math.floor((i + 0.5f) * scale), in - 1), 1);
            taps.weights[i] = 1;
        }
        return taps;
    }

    private static Taps linear(int in, int out) {
        Taps taps = sized(out, 2);
        float scale = (float) in / out;
        for (int i = 0; i < out; i++) {
            float at = (i + 0.5f) * scale - 0.5f;
            int below = (int) Math.floor(at);
            float part = at - below;
            if (below < 0 || below >= in - 1) { // both neighbours are the pixel at the edge
                taps.put(i, Math.clamp(below, 0, in - 1), 1);
                taps.weights[2 * i] = 1;
            } else {
                taps.put(i, below, 2);
                taps.weights[2 * i] = 1 - part;
                taps.weights[2 * i + 1] = part;
            }
        }
        return taps;
    }

    private static Taps cubic(int in, int out) {
        Taps taps = sized(out, 4);
        float scale = (float) in / out;
        for (int i = 0; i < out; i++) {
            float at = (i + 0.5f) * scale - 0.5f;
            int below = (int) Math.floor(at);
            double part = Math.rint((at - below) * CUBIC_STEPS) / CUBIC_STEPS;
            int from = Math.max(0, below - 1);
            int to = Math.min(in, below + 3);
            taps.put(i, from, to - from);
            for (int k = from; k < to; k++) {
                taps.weights[4 * i + k - from] = (float) Filter.cubic(Math.abs(k - below - part), -0.5);
            }
            taps.normalise(i);
        }
        return taps;
    }

    private static Taps area(int in, int out) {
        float scale = (float) in / out;
        Taps taps = sized(out, Math.min(in, (int) Math.ceil(scale) + 2));
        for (int i = 0; i < out; i++) {
            float from = i * scale;
            float to = (i + 1) * scale;
            int first = (int) Math.floor(from);
            int last = Math.min((int) Math.ceil(to), in);
            taps.put(i, first, last - first);
            for (int k = first; k < last; k++) {
                taps.weights[i * taps.width + k - first] = (Math.min(k + 1, to) - Math.max(k, from)) / scale;
            }
        }
        return taps;
    }

    /** TensorFlow's ScaleAndTranslate: the kernel widened by the factor of shrinking, its weights summing to one. */
    private static Taps kernel(int in, int out, Filter filter, boolean antialias) {
        float inverse = 1f / ((float) out / in);
        float stretch = antialias ? Math.max(inverse, 1f) : 1f;
        float reach = filter.radius() * stretch;
        Taps taps = sized(out, Math.min(2 * (int) Math.ceil(reach) + 1, in));
        for (int i = 0; i < out; i++) {
            float at = (i + 0.5f) * inverse;
            int first = Math.clamp((int) Math.ceil(at - reach - 0.5f), 0, in - 1);
            int last = Math.clamp((int) Math.floor(at + reach - 0.5f), 0, in - 1);
            taps.put(i, first, last - first + 1);
            for (int k = first; k <= last; k++) {
                taps.weights[i * taps.width + k - first] =
                        (float) filter.weight(Math.abs(k + 0.5f - at) * (1f / stretch));
            }
            taps.normalise(i);
        }
        return taps;
    }

    private void normalise(int i) {
        float sum = 0;
        for (int k = 0; k < counts[i]; k++) {
            sum += weights[i * width + k];
        }
        if (Math.abs(sum) >= 1000 * Float.MIN_NORMAL) {
            for (int k = 0; k < counts[i]; k++) {
                weights[i * width + k] /= sum;
            }
        } else {
            Arrays.fill(weights, i * width, i * width + counts[i], 0);
        }
    }
}
