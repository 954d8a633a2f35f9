package dev.fovea.data;

/**
 * How batches are made; none of it but {@code dropLast} changes what is in them.
 *
 * @param workers threads that decode and augment; 0 for one a processor
 * @param prefetch batches made ahead of the step
 * @param badImages what to do about pictures that cannot be read
 * @param dropLast in training, end every epoch after its last full batch; otherwise batches run on into the next epoch, so that every
 *     example is seen once an epoch
 */
public record LoadOptions(int workers, int prefetch, BadImages badImages, boolean dropLast) {

    /** One worker a processor, two batches ahead, broken pictures are errors, batches run on across epochs. */
    public static final LoadOptions DEFAULT = new LoadOptions(0, 2, BadImages.FAIL, false);

    public LoadOptions {
        if (workers < 0 || prefetch < 1) {
            throw new IllegalArgumentException(
                    "workers, prefetch: wanted at least 0 and 1, found %d and %d".formatted(workers, prefetch));
        }
    }

    /** The number of threads, 0 resolved to the number of processors. */
    public int threads() {
        return workers > 0 ? workers : Runtime.getRuntime().availableProcessors();
    }
}
