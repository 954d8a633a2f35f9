package dev.fovea.data;

/**
 * Soft labels of a training batch.
 *
 * @param classes K, the width of the targets
 * @param labelSmoothing the part of a label's weight that is spread over all classes
 * @param mixup p of Beta(p, p), from which each batch draws the weight it is mixed with itself by; 0 for none
 */
public record Mixing(int classes, double labelSmoothing, double mixup) {

    /** Labels as they are; batches have no targets. */
    public static final Mixing NONE = new Mixing(0, 0, 0);

    public Mixing {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1) || !(mixup >= 0)) {
            throw new IllegalArgumentException(
                    "labelSmoothing %s, mixup %s: wanted 0 up to 1, and 0 or more".formatted(labelSmoothing, mixup));
        }
        if (classes < 1 && (labelSmoothing > 0 || mixup > 0)) {
            throw new IllegalArgumentException(
                    "label smoothing and mixup need the number of classes, found " + classes);
        }
    }

    /** Whether batches have targets. */
    public boolean soft() {
        return labelSmoothing > 0 || mixup > 0;
    }
}
