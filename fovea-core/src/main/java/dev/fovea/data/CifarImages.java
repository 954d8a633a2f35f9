package dev.fovea.data;

import dev.fovea.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * CIFAR's binary files: records of 3,073 bytes (CIFAR-10: label, then 32 by 32 red, green, blue planes) or 3,074 (CIFAR-100: coarse
 * label, fine label, planes). All in memory as they are on disk.
 */
public final class CifarImages implements ImageDataset {

    private static final int SIDE = 32;
    private static final int PLANE = SIDE * SIDE;

    private final List<Path> files;
    private final List<byte[]> contents;
    private final long[] starts;
    private final Layout layout;
    private final List<String> classNames;

    /** Which of the two formats, and which of CIFAR-100's two labels. */
    public enum Layout {
        CIFAR10(1, 0, 10),
        CIFAR100_FINE(2, 1, 100),
        CIFAR100_COARSE(2, 0, 20);

        private final int labelBytes;
        private final int labelAt;
        private final int classes;

        Layout(int labelBytes, int labelAt, int classes) {
            this.labelBytes = labelBytes;
            this.labelAt = labelAt;
            this.classes = classes;
        }

        int record() {
            return labelBytes + 3 * PLANE;
        }
    }

    private CifarImages(List<Path> files, List<byte[]> contents, Layout layout, List<String> classNames) {
        this.files = files;
        this.contents = contents;
        this.layout = layout;
        this.classNames = classNames;
        this.starts = new long[files.size() + 1];
        for (int i = 0; i < files.size(); i++) {
            starts[i + 1] = starts[i] + contents.get(i).length / layout.record();
        }
    }

    /** Reads the files in the given order; {@code classNames} may be empty. */
    public static CifarImages read(List<Path> files, Layout layout, List<String> classNames) {
        List<byte[]> contents = new ArrayList<>();
        int classes = classNames.isEmpty() ? layout.classes : classNames.size();
        for (Path file : files) {
            byte[] bytes = content(file, layout);
            for (int at = layout.labelAt; at < bytes.length; at += layout.record()) {
                if ((bytes[at] & 0xff) >= classes) {
                    throw DataFiles.broken(
                            file,
                            "record %d has label %d, wanted 0 to %d"
                                    .formatted(at / layout.record(), bytes[at] & 0xff, classes - 1));
                }
            }
            contents.add(bytes);
        }
        return new CifarImages(List.copyOf(files), contents, layout, List.copyOf(classNames));
    }

    private static byte[] content(Path file, Layout layout) {
        long size = DataFiles.size(file);
        if (size % layout.record() != 0 || size > Integer.MAX_VALUE - 16) {
            throw DataFiles.broken(
                    file,
                    "found %d bytes, wanted a multiple of %d (one record of %s) below 2 GiB"
                            .formatted(size, layout.record(), layout));
        }
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw DataFiles.failed(file, e);
        }
    }

    @Override
    public long size() {
        return starts[files.size()];
    }

    @Override
    public ImageExample get(long index) {
        int f = file(index);
        int row = (int) (index - starts[f]);
        byte[] bytes = contents.get(f);
        int from = row * layout.record() + layout.labelBytes;
        var rgb = new byte[3 * PLANE];
        for (int c = 0; c < 3; c++) {
            for (int p = 0; p < PLANE; p++) {
                rgb[3 * p + c] = bytes[from + c * PLANE + p];
            }
        }
        return new ImageExample(
                files.get(f) + "#" + row, new ImageSource.Decoded(new Image(SIDE, SIDE, rgb)), label(index));
    }

    @Override
    public int label(long index) {
        int f = file(index);
        return contents.get(f)[(int) (index - starts[f]) * layout.record() + layout.labelAt] & 0xff;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    private int file(long index) {
        Objects.checkIndex(index, size());
        int f = 0;
        while (index >= starts[f + 1]) {
            f++;
        }
        return f;
    }
}
