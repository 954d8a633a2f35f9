package dev.fovea.data;

import java.util.List;
import java.util.Objects;

/** Examples of another data set, in an order of its own. */
record Subset(ImageDataset source, int[] indices) implements ImageDataset {

    @Override
    public long size() {
        return indices.length;
    }

    @Override
    public ImageExample get(long index) {
        return source.get(at(index));
    }

    @Override
    public int label(long index) {
        return source.label(at(index));
    }

    @Override
    public List<String> classNames() {
        return source.classNames();
    }

    private int at(long index) {
        return indices[(int) Objects.checkIndex(index, (long) indices.length)];
    }
}
