package dev.fovea.data;

/**
 * How long a run stood still for its data.
 *
 * @param batches batches handed over
 * @param late those of them that were not ready when asked for; the first after a start or a jump always is
 * @param nanos time spent waiting for them altogether
 */
public record Waiting(long batches, long late, long nanos) {

    /** Seconds spent waiting altogether. */
    public double seconds() {
        return nanos / 1e9;
    }

    @Override
    public String toString() {
        return "%d batches, %d of them late, waited %.3f s".formatted(batches, late, seconds());
    }
}
