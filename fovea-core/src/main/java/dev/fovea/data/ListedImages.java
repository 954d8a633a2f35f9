package dev.fovea.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Pictures in files of their own, each with a label and texts; the files are read when asked for. */
final class ListedImages implements ImageDataset {

    /**
     * @param source the line that names the picture, for messages; null where the picture's own path says it all
     * @param label the class as the data writes it: a name or a number; null where there is none
     */
    record Entry(
            Path file, @Nullable String source, @Nullable String label, Map<String, String> texts) {}

    private final List<Entry> entries;
    private final int[] labels;
    private final List<String> classNames;

    private ListedImages(List<Entry> entries, int[] labels, List<String> classNames) {
        this.entries = entries;
        this.labels = labels;
        this.classNames = classNames;
    }

    /**
     * Labels are looked up in {@code classNames}; where that is empty, whole numbers stand for themselves and names are numbered in
     * sorted order.
     */
    static ListedImages of(Path source, List<Entry> entries, List<String> classNames) {
        List<@Nullable String> labels = new ArrayList<>();
        entries.forEach(e -> labels.add(e.label()));
        Labels resolved = Labels.of(source, labels, classNames);
        return new ListedImages(List.copyOf(entries), resolved.values(), resolved.classNames());
    }

    @Override
    public long size() {
        return entries.size();
    }

    @Override
    public ImageExample get(long index) {
        Entry entry = entries.get((int) Objects.checkIndex(index, size()));
        Path file = entry.file();
        String source = entry.source();
        if (source != null && !Files.isRegularFile(file)) {
            throw DataFiles.broken(source, "image %s: no such file".formatted(file));
        }
        return new ImageExample(
                file.toString(),
                new ImageSource.Encoded(file.toString(), DataFiles.read(file)),
                label(index),
                entry.texts());
    }

    @Override
    public int label(long index) {
        return labels[(int) index];
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    /** Labels as numbers, and the names they stand for. */
    record Labels(int[] values, List<String> classNames) {

        static Labels of(Object source, List<@Nullable String> labels, List<String> classNames) {
            boolean numbers = labels.stream().allMatch(l -> l == null || l.matches("-?[0-9]{1,9}"));
            List<String> names = classNames;
            if (!numbers && names.isEmpty()) {
                var sorted = new TreeSet<String>();
                labels.stream().filter(Objects::nonNull).forEach(sorted::add);
                names = List.copyOf(sorted);
            }
            Map<String, Integer> numbersOf = new HashMap<>();
            for (int i = 0; i < names.size(); i++) {
                numbersOf.putIfAbsent(names.get(i), i);
            }
            var values = new int[labels.size()];
            for (int i = 0; i < values.length; i++) {
                String label = labels.get(i);
                values[i] = label == null ? -1 : numbers ? Integer.parseInt(label) : numbersOf.getOrDefault(label, -2);
                boolean known = names.isEmpty() || values[i] < names.size();
                if (label != null && (!known || values[i] < -1)) {
                    throw DataFiles.broken(
                            source,
                            "label %s of example %d is not among %d class names %s"
                                    .formatted(label, i, names.size(), names));
                }
            }
            return new Labels(values, names);
        }
    }
}
