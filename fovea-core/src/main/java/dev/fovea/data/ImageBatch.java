package dev.fovea.data;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A batch of preprocessed pictures.
 *
 * @param size rows B, padding included
 * @param pixels float32 [B, H, W, C], row-major
 * @param labels class of each row [B]; -1 where there is none, and in padding
 * @param targets soft labels [B, K] after mixup or label smoothing; null where the labels say it all
 * @param valid real rows, which come first; the rest is padding of zeros that no score may count
 * @param indices which example of the data set each row is [B]; -1 in padding
 * @param texts the texts of each row's example by name [B]; empty maps where there are none, and in padding
 */
public record ImageBatch(
        int size,
        int height,
        int width,
        int channels,
        float[] pixels,
        int[] labels,
        float @Nullable [] targets,
        int valid,
        long[] indices,
        List<Map<String, String>> texts) {

    /** A batch without texts. */
    public ImageBatch(
            int size,
            int height,
            int width,
            int channels,
            float[] pixels,
            int[] labels,
            float @Nullable [] targets,
            int valid,
            long[] indices) {
        this(
                size,
                height,
                width,
                channels,
                pixels,
                labels,
                targets,
                valid,
                indices,
                Collections.nCopies(size, Map.of()));
    }

    public ImageBatch {
        long wanted = (long) size * height * width * channels;
        if (pixels.length != wanted) {
            throw new IllegalArgumentException("pixels: [%d, %d, %d, %d] takes %d values, found %d"
                    .formatted(size, height, width, channels, wanted, pixels.length));
        }
        if (labels.length != size || indices.length != size || texts.size() != size) {
            throw new IllegalArgumentException("labels, indices, texts: wanted %d each, found %d, %d and %d"
                    .formatted(size, labels.length, indices.length, texts.size()));
        }
        if (valid < 0 || valid > size) {
            throw new IllegalArgumentException("valid: wanted 0 to %d, found %d".formatted(size, valid));
        }
    }
}
