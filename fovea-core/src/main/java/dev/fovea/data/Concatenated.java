package dev.fovea.data;

import java.util.List;
import java.util.Objects;

/** Data sets of the same classes, one after the other. */
record Concatenated(List<ImageDataset> parts) implements ImageDataset {

    static ImageDataset of(List<ImageDataset> parts) {
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        for (ImageDataset part : parts) {
            if (!part.classNames().equals(parts.getFirst().classNames())) {
                throw new IllegalArgumentException("parts of one data set have different classes: %s and %s"
                        .formatted(parts.getFirst().classNames(), part.classNames()));
            }
        }
        return new Concatenated(parts);
    }

    @Override
    public long size() {
        return parts.stream().mapToLong(Dataset::size).sum();
    }

    @Override
    public ImageExample get(long index) {
        Objects.checkIndex(index, size());
        for (ImageDataset part : parts) {
            if (index < part.size()) {
                return part.get(index);
            }
            index -= part.size();
        }
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int label(long index) {
        Objects.checkIndex(index, size());
        for (ImageDataset part : parts) {
            if (index < part.size()) {
                return part.label(index);
            }
            index -= part.size();
        }
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public List<String> classNames() {
        return parts.getFirst().classNames();
    }
}
