package dev.fovea.data;

import dev.fovea.image.Image;
import dev.fovea.image.Mixup;
import dev.fovea.image.Pixels;
import dev.fovea.image.Preprocess;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches of preprocessed pictures, decoded and augmented by worker threads ahead of the step. What is in a batch depends on the
 * data, the preprocessing, the batch size, the seed and the step, and not on the number of workers or where the run began.
 */
public final class ImageBatches implements Batches<ImageBatch> {

    private static final Logger LOG = LoggerFactory.getLogger(ImageBatches.class);
    private static final int CHANNELS = 3;
    private static final int MOST_BAD_IN_A_ROW = 1000;
    // What a random number is for, so that the same step and example do not meet the same one twice.
    private static final long AUGMENT = 1;
    private static final long MIX = 2;

    private final Feed feed;
    private final Preprocess preprocess;
    private final int batch;
    private final long seed;
    private final Mixing mixing;
    private final BadImages badImages;
    private final int height;
    private final int width;
    private final long steps;
    private final Set<Long> bad = ConcurrentHashMap.newKeySet();
    private final Prefetch<Slot> prefetch;
    private long expected = -1;

    private ImageBatches(
            Feed feed, long steps, Preprocess preprocess, int batch, long seed, Mixing mixing, LoadOptions load) {
        if (batch < 1) {
            throw new IllegalArgumentException("batch size: wanted at least 1, found " + batch);
        }
        this.feed = feed;
        this.steps = steps;
        this.preprocess = preprocess;
        this.batch = batch;
        this.seed = seed;
        this.mixing = mixing;
        this.badImages = load.badImages();
        Pixels first = first();
        this.height = first.height();
        this.width = first.width();
        this.prefetch = new Prefetch<>(new ImageRows(), load.threads(), load.prefetch(), steps);
    }

    /** Batches without end, shuffled anew each epoch. */
    public static ImageBatches training(
            ImageDataset data, Preprocess preprocess, int batch, long seed, Mixing mixing, LoadOptions load) {
        Feed feed = IndexFeed.training(data, batch, load.dropLast(), seed);
        return new ImageBatches(feed, Long.MAX_VALUE, preprocess, batch, seed, mixing, load);
    }

    /** Every example once, in order; the last batch is padded. */
    public static ImageBatches evaluation(ImageDataset data, Preprocess preprocess, int batch, LoadOptions load) {
        long steps = Math.ceilDiv(data.size(), (long) batch);
        return new ImageBatches(IndexFeed.inOrder(data), steps, preprocess, batch, 0, Mixing.NONE, load);
    }

    /** Batches without end of a stream of shards; {@link ImageBatch#indices} are positions in the stream. */
    public static ImageBatches streaming(
            Shards<ImageExample> shards,
            int shuffleBuffer,
            Preprocess preprocess,
            int batch,
            long seed,
            Mixing mixing,
            LoadOptions load) {
        var feed = new StreamFeed(new ShuffledStream<>(shards, shuffleBuffer, seed));
        return new ImageBatches(feed, Long.MAX_VALUE, preprocess, batch, seed, mixing, load);
    }

    @Override
    public ImageBatch at(long step) {
        boolean jump = expected >= 0 && step != expected && step != expected - 1;
        if (jump && feed instanceof StreamFeed stream) {
            stream.jump(step * batch);
        }
        expected = step + 1;
        ImageBatch made = prefetch.at(step).made;
        if (made == null) {
            throw new IllegalStateException("step %d was handed over unfinished".formatted(step));
        }
        return made;
    }

    /** How many batches there are; {@link Long#MAX_VALUE} in training. */
    public long steps() {
        return steps;
    }

    /** Rows of the pictures in a batch. */
    public int height() {
        return height;
    }

    /** Columns of the pictures in a batch. */
    public int width() {
        return width;
    }

    /** What waiting for data has cost the run so far. */
    public Waiting waiting() {
        return prefetch.waiting();
    }

    /** How many different pictures could not be read and were passed over. */
    public long skipped() {
        return bad.size();
    }

    @Override
    public void close() {
        prefetch.close();
        if (feed instanceof StreamFeed stream) {
            stream.close();
        }
    }

    /** The size that preprocessing gives, seen on the first picture that can be read. */
    private Pixels first() {
        for (long position = 0; position < MOST_BAD_IN_A_ROW; position++) {
            Feed.Spot spot = feed.spot(position);
            if (spot == null) {
                break;
            }
            Loaded loaded = load(spot);
            if (loaded != null) {
                return preprocess.apply(loaded.image, Seeds.generator(seed, AUGMENT, 0, spot.index()));
            }
        }
        throw new IllegalStateException("none of the first pictures could be read; see the log");
    }

    private record Loaded(Feed.Spot spot, ImageExample example, Image image) {}

    /** The example at a spot, or what stands in for it; null where it is passed over and nothing stands in. */
    private @Nullable Loaded load(Feed.Spot wanted) {
        Feed.Spot spot = wanted;
        for (int tries = 0; spot != null && tries < MOST_BAD_IN_A_ROW; tries++) {
            if (bad.isEmpty() || !bad.contains(spot.index())) {
                ImageExample example = null;
                try {
                    example = feed.read(spot);
                    return new Loaded(spot, example, example.image());
                } catch (UncheckedIOException e) {
                    boolean shard = example == null && !feed.readsOneByOne();
                    if (badImages == BadImages.FAIL || shard) {
                        throw e;
                    }
                    if (bad.add(spot.index())) {
                        LOG.warn("skipped: {}", e.getMessage());
                    }
                }
            }
            spot = feed.instead(spot);
        }
        if (spot != null) {
            throw new IllegalStateException(
                    "%d pictures in a row cannot be read; see the log".formatted(MOST_BAD_IN_A_ROW));
        }
        return null;
    }

    private static final class Slot {
        final float[] pixels;
        final int[] labels;
        final long[] indices;
        final List<Map<String, String>> texts;
        final float @Nullable [] targets;

        @Nullable
        ImageBatch made;

        Slot(int batch, int values, int classes) {
            pixels = new float[Math.multiplyExact(batch, values)];
            labels = new int[batch];
            indices = new long[batch];
            texts = new ArrayList<>(Collections.nCopies(batch, Map.of()));
            targets = classes > 0 ? new float[batch * classes] : null;
        }
    }

    private final class ImageRows implements Rows<Slot> {

        private final int values = height * width * CHANNELS;

        @Override
        public Slot fresh() {
            return new Slot(batch, values, mixing.soft() ? mixing.classes() : 0);
        }

        @Override
        public int count() {
            return batch;
        }

        @Override
        public void fill(Slot slot, long step, int row) {
            slot.labels[row] = -1;
            slot.indices[row] = -1;
            slot.texts.set(row, Map.of());
            Feed.Spot spot = feed.spot(step * batch + row);
            Loaded loaded = spot == null ? null : load(spot);
            if (loaded == null) {
                return;
            }
            long epoch = loaded.spot.epoch();
            long index = loaded.spot.index();
            var random = Seeds.generator(seed, AUGMENT, epoch, index);
            try {
                preprocess.apply(loaded.image, random, slot.pixels, row * values, height, width);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(loaded.example.id() + ": " + e.getMessage(), e);
            }
            slot.labels[row] = loaded.example.label();
            slot.indices[row] = index;
            slot.texts.set(row, loaded.example.texts());
        }

        @Override
        public void finish(Slot slot, long step) {
            int valid = compact(slot);
            if (valid < batch && steps == Long.MAX_VALUE) {
                valid = repeat(slot, valid, step);
            }
            Arrays.fill(slot.pixels, valid * values, slot.pixels.length, 0);
            if (slot.targets != null) {
                targets(slot, step);
            }
            slot.made = new ImageBatch(
                    batch,
                    height,
                    width,
                    CHANNELS,
                    slot.pixels,
                    slot.labels,
                    slot.targets,
                    valid,
                    slot.indices,
                    List.copyOf(slot.texts));
        }

        /** Brings the rows that hold an example to the front. */
        private int compact(Slot slot) {
            int valid = 0;
            for (int row = 0; row < batch; row++) {
                if (slot.indices[row] >= 0) {
                    move(slot, row, valid++);
                }
            }
            Arrays.fill(slot.labels, valid, batch, -1);
            Arrays.fill(slot.indices, valid, batch, -1);
            Collections.fill(slot.texts.subList(valid, batch), Map.of());
            return valid;
        }

        /** Fills a training batch of a stream that passed pictures over with its own rows again. */
        private int repeat(Slot slot, int valid, long step) {
            if (valid == 0) {
                throw new IllegalStateException("step %d: no picture of the batch could be read".formatted(step));
            }
            for (int row = valid; row < batch; row++) {
                move(slot, row - valid, row);
            }
            return batch;
        }

        private void move(Slot slot, int from, int to) {
            if (from != to) {
                System.arraycopy(slot.pixels, from * values, slot.pixels, to * values, values);
                slot.labels[to] = slot.labels[from];
                slot.indices[to] = slot.indices[from];
                slot.texts.set(to, slot.texts.get(from));
            }
        }

        private void targets(Slot slot, long step) {
            float[] targets = slot.targets;
            if (targets == null) {
                return;
            }
            int classes = mixing.classes();
            float off = (float) (mixing.labelSmoothing() / classes);
            for (int row = 0; row < batch; row++) {
                int label = slot.labels[row];
                if (label >= classes) {
                    throw new IllegalArgumentException("label %d of example %d, there are %d classes"
                            .formatted(label, slot.indices[row], classes));
                }
                Arrays.fill(targets, row * classes, (row + 1) * classes, label < 0 ? 0 : off);
                if (label >= 0) {
                    targets[row * classes + label] += (float) (1 - mixing.labelSmoothing());
                }
            }
            float weight = Mixup.weight(mixing.mixup(), Seeds.generator(seed, MIX, step));
            Mixup.mix(slot.pixels, batch, weight);
            Mixup.mix(targets, batch, weight);
        }
    }
}
