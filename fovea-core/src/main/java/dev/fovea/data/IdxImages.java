package dev.fovea.data;

import dev.fovea.image.Image;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Grey pictures and their labels from two idx files, as MNIST and Fashion-MNIST come. All in memory, one byte a pixel; each is
 * widened to RGB when it is read.
 */
public final class IdxImages implements ImageDataset {

    private final Path file;
    private final Idx images;
    private final byte[] labels;
    private final List<String> classNames;

    private IdxImages(Path file, Idx images, byte[] labels, List<String> classNames) {
        this.file = file;
        this.images = images;
        this.labels = labels;
        this.classNames = classNames;
    }

    /** Reads a pair of files, each plain or gzip; {@code classNames} may be empty. */
    public static IdxImages read(Path images, Path labels, List<String> classNames) {
        Idx pictures = Idx.read(images, 3);
        Idx classes = Idx.read(labels, 1);
        if (pictures.shape()[0] != classes.shape()[0]) {
            throw DataFiles.broken(
                    labels,
                    "found %d labels, %s has %d pictures".formatted(classes.shape()[0], images, pictures.shape()[0]));
        }
        if (pictures.shape()[0] > 0 && (pictures.shape()[1] == 0 || pictures.shape()[2] == 0)) {
            throw DataFiles.broken(
                    images,
                    "pictures of %d by %d pixels, wanted at least 1 by 1"
                            .formatted(pictures.shape()[1], pictures.shape()[2]));
        }
        for (int i = 0; i < classes.data().length && !classNames.isEmpty(); i++) {
            int label = classes.data()[i] & 0xff;
            if (label >= classNames.size()) {
                throw DataFiles.broken(
                        labels, "label %d at %d, but there are %d class names".formatted(label, i, classNames.size()));
            }
        }
        return new IdxImages(images, pictures, classes.data(), List.copyOf(classNames));
    }

    @Override
    public long size() {
        return labels.length;
    }

    @Override
    public ImageExample get(long index) {
        int i = (int) Objects.checkIndex(index, size());
        int height = images.shape()[1];
        int width = images.shape()[2];
        var rgb = new byte[height * width * 3];
        for (int p = 0, from = i * height * width; p < height * width; p++) {
            byte grey = images.data()[from + p];
            rgb[3 * p] = grey;
            rgb[3 * p + 1] = grey;
            rgb[3 * p + 2] = grey;
        }
        return new ImageExample(file + "#" + i, new ImageSource.Decoded(new Image(height, width, rgb)), label(index));
    }

    @Override
    public int label(long index) {
        return labels[(int) index] & 0xff;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }
}
