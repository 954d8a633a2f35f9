package dev.fovea.data;

import org.jspecify.annotations.Nullable;

/** Examples by index: shuffled anew each epoch without end, or once in order. */
final class IndexFeed implements Feed {

    private final ImageDataset data;
    private final long perEpoch;
    private final boolean shuffled;
    private final long seed;
    private volatile Epoch epoch;

    private record Epoch(long number, Permutation order) {}

    private IndexFeed(ImageDataset data, long perEpoch, boolean shuffled, long seed) {
        if (data.size() < 1) {
            throw new IllegalArgumentException("no examples to make batches of");
        }
        this.data = data;
        this.perEpoch = perEpoch;
        this.shuffled = shuffled;
        this.seed = seed;
        this.epoch = order(0);
    }

    static IndexFeed training(ImageDataset data, int batch, boolean dropLast, long seed) {
        long perEpoch = dropLast ? data.size() / batch * batch : data.size();
        if (perEpoch == 0) {
            throw new IllegalArgumentException(
                    "dropLast: %d examples do not fill one batch of %d".formatted(data.size(), batch));
        }
        return new IndexFeed(data, perEpoch, true, seed);
    }

    static IndexFeed inOrder(ImageDataset data) {
        return new IndexFeed(data, data.size(), false, 0);
    }

    @Override
    public @Nullable Spot spot(long position) {
        if (!shuffled) {
            return position < data.size() ? new Spot(0, position) : null;
        }
        long number = position / perEpoch;
        Epoch current = epoch;
        if (current.number != number) {
            current = order(number);
            epoch = current;
        }
        return new Spot(number, current.order.at(position % perEpoch));
    }

    @Override
    public ImageExample read(Spot spot) {
        return data.get(spot.index());
    }

    @Override
    public @Nullable Spot instead(Spot spot) {
        return shuffled ? new Spot(spot.epoch(), (spot.index() + 1) % data.size()) : null;
    }

    @Override
    public boolean readsOneByOne() {
        return true;
    }

    private Epoch order(long number) {
        return new Epoch(number, new Permutation(data.size(), Seeds.mix(seed, number)));
    }
}
