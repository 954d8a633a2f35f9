package dev.fovea.image;

import java.util.Arrays;

/** Class labels to rows of floats {@code [B, K]}. */
public final class Targets {

    private Targets() {}

    /** {@code on} at each label, {@code off} elsewhere; a row of a label below 0 (none) is all zero. */
    public static float[] oneHot(int[] labels, int classes, float on, float off) {
        var targets = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "label %d at row %d, there are %d classes".formatted(labels[i], i, classes));
            }
            if (labels[i] >= 0) {
                Arrays.fill(targets, i * classes, (i + 1) * classes, off);
                targets[i * classes + labels[i]] = on;
            }
        }
        return targets;
    }

    /** One row, {@code on} at every one of the labels. */
    public static float[] multiHot(int[] labels, int classes, float on, float off) {
        var targets = new float[classes];
        Arrays.fill(targets, off);
        for (int label : labels) {
            targets[label] = on;
        }
        return targets;
    }

    /** One-hot rows of which the part {@code smoothing} is spread evenly over all classes. */
    public static float[] smoothed(int[] labels, int classes, float smoothing) {
        float off = smoothing / classes;
        return oneHot(labels, classes, 1 - smoothing + off, off);
    }
}
