package dev.fovea.data;

import org.jspecify.annotations.Nullable;

/** The examples of a run in the order in which they fill the rows of its batches. */
sealed interface Feed permits IndexFeed, StreamFeed {

    /** What a row holds: the example of an epoch, which the randomness of its augmentation comes from. */
    record Spot(long epoch, long index) {}

    /** What stands at a position, step times batch plus row; null past the end. */
    @Nullable
    Spot spot(long position);

    ImageExample read(Spot spot);

    /** What stands in for an example that cannot be read; null where nothing does. */
    @Nullable
    Spot instead(Spot spot);

    /** Whether an error of {@link #read} concerns that example alone. */
    boolean readsOneByOne();
}
