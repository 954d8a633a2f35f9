package dev.fovea.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The cases below a folder. */
public final class Fixtures {

    /**
     * Where a case is and what it is.
     *
     * @param folder the case's folder
     * @param system name of the system
     * @param name name of the case's folder
     * @param kind kind by {@code kinds.json}, or null where it names none
     */
    public record Found(
            Path folder,
            String system,
            String name,
            @Nullable String kind) {

        /** System and name. */
        public String id() {
            return system + "/" + name;
        }
    }

    private Fixtures() {}

    /** Cases below {@code path}: a root that holds {@code kinds.json}, one system in it, or one case. */
    public static List<Found> below(Path path) {
        Path start = path.toAbsolutePath().normalize();
        for (int depth = 0; depth <= 2; depth++) {
            Path root = start;
            for (int up = 0; up < depth && root != null; up++) {
                root = root.getParent();
            }
            if (root != null && Files.exists(root.resolve("kinds.json"))) {
                return find(root, start, depth);
            }
        }
        throw new IllegalArgumentException(
                "%s: no kinds.json there, in its parent or above that; wanted a folder of fixtures, one system or one case"
                        .formatted(path));
    }

    private static List<Found> find(Path root, Path start, int depth) {
        JsonNode kinds = new JsonMapper().readTree(root.resolve("kinds.json").toFile());
        List<Path> folders =
                switch (depth) {
                    case 0 ->
                        folders(start).stream()
                                .flatMap(system -> folders(system).stream())
                                .toList();
                    case 1 -> folders(start);
                    default -> List.of(start);
                };
        var found = new ArrayList<Found>();
        for (Path folder : folders) {
            int names = folder.getNameCount();
            String system = folder.getName(names - 2).toString();
            String name = folder.getName(names - 1).toString();
            found.add(new Found(folder, system, name, kind(kinds.path(system), name)));
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(start + ": no case there");
        }
        return found;
    }

    /** The entry whose key is the longest that {@code name} begins with. */
    private static @Nullable String kind(JsonNode kinds, String name) {
        String longest = null;
        for (String key : kinds.propertyNames()) {
            if (name.startsWith(key) && (longest == null || key.length() > longest.length())) {
                longest = key;
            }
        }
        return longest == null ? null : kinds.get(longest).asString();
    }

    private static List<Path> folders(Path parent) {
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(parent + ": " + e.getMessage(), e);
        }
    }
}
