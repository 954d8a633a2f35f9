package dev.fovea.eval;

/**
 * Accuracy against reassessed labels (ReaL, arXiv 2006.07159): an image has a set of right classes; one without any is
 * left out.
 */
public final class RealAccuracy {

    private final int numClasses;
    private long count;
    private long right;

    public RealAccuracy(int numClasses) {
        this.numClasses = numClasses;
    }

    /**
     * Adds a batch.
     *
     * @param logits [B, C], row-major
     * @param labels [B, C], above 0 where the class is right
     */
    public void add(float[] logits, float[] labels) {
        if (logits.length != labels.length || logits.length % numClasses != 0) {
            throw new IllegalArgumentException(
                    "%d logits and %d labels for %d classes".formatted(logits.length, labels.length, numClasses));
        }
        for (int from = 0; from < logits.length; from += numClasses) {
            boolean any = false;
            for (int c = 0; c < numClasses; c++) {
                any |= labels[from + c] > 0;
            }
            if (any) {
                count++;
                right += labels[from + Softmax.of(logits, from, numClasses).best()] > 0 ? 1 : 0;
            }
        }
    }

    /** Images that counted. */
    public long count() {
        return count;
    }

    /** Share of them whose highest logit is a right class. */
    public double top1() {
        return (double) right / count;
    }
}
