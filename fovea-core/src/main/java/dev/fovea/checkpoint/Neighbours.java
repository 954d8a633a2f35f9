package dev.fovea.checkpoint;

import java.util.Collection;
import java.util.List;

/** The names that a reader of "no such tensor" wants to see: those under the nearest parent that exists. */
final class Neighbours {

    private static final int SHOWN = 12;

    private Neighbours() {}

    /** The end of a message, such as {@code ; under the same parent it has [a.b, a.c]}. */
    static String of(String name, Collection<String> names) {
        for (String parent = parent(name); !parent.isEmpty(); parent = parent(parent)) {
            List<String> near = under(parent, names);
            if (!near.isEmpty()) {
                return "; under %s it has %s"
                        .formatted(parent.equals(parent(name)) ? "the same parent" : parent, abbreviate(near));
            }
        }
        return "; it has " + abbreviate(names.stream().sorted().toList());
    }

    /** The first names, and how many more there are. */
    static String abbreviate(List<String> names) {
        return names.size() <= SHOWN
                ? names.toString()
                : "[%s, and %d more]".formatted(String.join(", ", names.subList(0, SHOWN)), names.size() - SHOWN);
    }

    private static List<String> under(String parent, Collection<String> names) {
        return names.stream()
                .filter(name -> name.length() > parent.length()
                        && name.startsWith(parent)
                        && isSeparator(name.charAt(parent.length())))
                .sorted()
                .toList();
    }

    private static String parent(String name) {
        int end = name.length() - 1;
        while (end >= 0 && !isSeparator(name.charAt(end))) {
            end--;
        }
        return end < 0 ? "" : name.substring(0, end);
    }

    private static boolean isSeparator(char c) {
        return c == '.' || c == '/';
    }
}
