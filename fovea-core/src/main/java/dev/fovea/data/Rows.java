package dev.fovea.data;

/**
 * How a batch is made, row by row, on the worker threads of {@link Prefetch}. What a row becomes may depend on (step, row) alone,
 * never on the thread or on other rows.
 */
public interface Rows<B> {

    /** A new, empty batch; a few are made and used again and again. */
    B fresh();

    /** Rows a batch has. */
    int count();

    /** Makes one row. Rows of one batch are made at the same time by several threads. */
    void fill(B batch, long step, int row);

    /** After all rows, by one thread: what concerns the batch as a whole. */
    default void finish(B batch, long step) {}
}
