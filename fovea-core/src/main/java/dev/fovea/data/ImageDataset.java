package dev.fovea.data;

import java.util.List;

/** Pictures by index, with the names of their classes. */
public interface ImageDataset extends Dataset<ImageExample> {

    /** The name of each class by label; empty where the data names none. */
    List<String> classNames();

    /** The label alone, for splits and counts; readers that know it without reading the picture say so here. */
    default int label(long index) {
        return get(index).label();
    }

    /** Some of the examples, in the given order. */
    default ImageDataset subset(int[] indices) {
        return new Subset(this, indices);
    }

    /** The first {@code count} examples, or all where there are fewer. */
    default ImageDataset first(long count) {
        if (count >= size()) {
            return this;
        }
        var indices = new int[Math.toIntExact(count)];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = i;
        }
        return subset(indices);
    }
}
