package dev.fovea.data;

import dev.fovea.config.Default;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which pictures to train and evaluate on: the {@code data} section of a configuration.
 *
 * @param path a folder, a file, or a pattern of WebDataset shards ({@code dir/shard-{0000..0042}.tar})
 * @param split the part to train on; {@code all} is everything that lies there
 * @param evalSplit the part to evaluate on. Absent: {@code validation} where the data has it, else {@code test}, else a part held out of
 *     the training split. {@code validation} named where the data has none is held out of the training split too; what is held out
 *     is then missing from {@code split}
 * @param holdOut how much of each class is held out
 * @param holdOutSeed chooses which examples are held out
 * @param imageColumn column, key or tar ending of the picture; absent: found by its shape
 * @param labelColumn column, key or tar ending of the label; absent: found by its shape, or {@code label}
 * @param cacheMb how many MiB of decoded pictures are kept in memory; what does not fit is decoded again each time
 * @param memoryLimitMb how many MiB of encoded pictures Parquet and compressed tar may hold in memory when not streaming
 * @param streaming read shards from front to back with a shuffle buffer instead of by index
 * @param shuffleBuffer examples among which a stream is shuffled
 * @param limit at most so many examples of each split, the first ones
 * @param badImages what to do about pictures that cannot be read
 * @param workers threads that decode and augment; 0 for one a processor
 * @param prefetch batches made ahead of the step
 */
public record DataConfig(
        Path path,
        @Default("auto") DataFormat format,
        @Default("train") String split,
        @Nullable String evalSplit,
        @Default("0.1") double holdOut,
        @Default("0") long holdOutSeed,
        @Nullable String imageColumn,
        @Nullable String labelColumn,
        @Default("1024") long cacheMb,
        @Default("4096") long memoryLimitMb,
        @Default("false") boolean streaming,
        @Default("10000") int shuffleBuffer,
        @Nullable Long limit,
        @Default("fail") BadImages badImages,
        @Default("0") int workers,
        @Default("2") int prefetch) {

    public DataConfig {
        if (!(holdOut > 0 && holdOut < 1)) {
            throw new IllegalArgumentException("holdOut: wanted more than 0 and less than 1, found " + holdOut);
        }
        if (cacheMb < 0 || memoryLimitMb < 1 || shuffleBuffer < 1 || (limit != null && limit < 1)) {
            throw new IllegalArgumentException(
                    "cacheMb %d, memoryLimitMb %d, shuffleBuffer %d, limit %s: wanted at least 0, 1, 1 and 1"
                            .formatted(cacheMb, memoryLimitMb, shuffleBuffer, limit));
        }
    }

    /** All defaults for the data at a path. */
    public static DataConfig of(Path path) {
        return new DataConfig(
                path,
                DataFormat.AUTO,
                "train",
                null,
                0.1,
                0,
                null,
                null,
                1024,
                4096,
                false,
                10_000,
                null,
                BadImages.FAIL,
                0,
                2);
    }

    /** The same data, another part to train on. */
    public DataConfig withSplit(String name) {
        return with(name, evalSplit, imageColumn, labelColumn);
    }

    /** The same data, another part to evaluate on. */
    public DataConfig withEvalSplit(String name) {
        return with(split, name, imageColumn, labelColumn);
    }

    /** The same data, other columns; null leaves the choice to the reader. */
    public DataConfig withColumns(@Nullable String image, @Nullable String label) {
        return with(split, evalSplit, image, label);
    }

    private DataConfig with(String train, @Nullable String eval, @Nullable String image, @Nullable String label) {
        return new DataConfig(
                path,
                format,
                train,
                eval,
                holdOut,
                holdOutSeed,
                image,
                label,
                cacheMb,
                memoryLimitMb,
                streaming,
                shuffleBuffer,
                limit,
                badImages,
                workers,
                prefetch);
    }

    /** The part of this that says how batches are made. */
    public LoadOptions load() {
        return new LoadOptions(workers, prefetch, badImages, false);
    }
}
