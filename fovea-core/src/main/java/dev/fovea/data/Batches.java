package dev.fovea.data;

/**
 * The run of batches that a training or an evaluation sees. {@link #at} is a pure function of the step: asking for a step again, or
 * for any step first, gives the same batch. Asking for consecutive steps is what implementations make fast.
 */
public interface Batches<B> extends AutoCloseable {

    /**
     * The batch of {@code step}, counted from 0. Called by one thread at a time. The batch is the caller's until the next call of
     * {@code at} or {@code close}: its arrays are used again after that, so copy what has to live longer.
     */
    B at(long step);

    /** Stops threads and gives up buffers; {@code at} refuses afterwards. */
    @Override
    default void close() {}
}
