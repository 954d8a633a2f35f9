package dev.fovea.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A folder with one subfolder a class, {@code class/picture.jpg}. Classes are the subfolders' names in sorted order (by code
 * point), pictures of a class follow by name. A folder without subfolders of pictures is pictures without classes. Files that are no
 * pictures by their ending are left out; hidden ones too.
 */
final class ClassFolders {

    private static final List<String> ENDINGS = List.of(".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp");

    private ClassFolders() {}

    static boolean isImage(Path file) {
        String name = DataFiles.name(file).toLowerCase(Locale.ROOT);
        return ENDINGS.stream().anyMatch(name::endsWith);
    }

    /** Class folders: those that hold a picture. */
    static List<Path> classes(Path folder) {
        return DataFiles.list(folder).stream()
                .filter(Files::isDirectory)
                .filter(ClassFolders::holdsImages)
                .toList();
    }

    static boolean holdsImages(Path folder) {
        return DataFiles.list(folder).stream().anyMatch(ClassFolders::isImage);
    }

    static ListedImages read(Path folder, List<String> classNames) {
        List<Path> classes = classes(folder);
        List<ListedImages.Entry> entries = new ArrayList<>();
        for (Path dir : classes) {
            for (Path file : DataFiles.list(dir)) {
                if (isImage(file)) {
                    entries.add(new ListedImages.Entry(file, null, DataFiles.name(dir), Map.of()));
                }
            }
        }
        if (classes.isEmpty()) {
            DataFiles.list(folder).stream()
                    .filter(ClassFolders::isImage)
                    .forEach(file -> entries.add(new ListedImages.Entry(file, null, null, Map.of())));
        }
        if (entries.isEmpty()) {
            throw DataFiles.broken(folder, "no class/picture files %s in it".formatted(ENDINGS));
        }
        List<String> names =
                classNames.isEmpty() ? classes.stream().map(DataFiles::name).toList() : classNames;
        return ListedImages.of(folder, entries, names);
    }
}
