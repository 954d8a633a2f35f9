package dev.fovea.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Dotted paths of keys, and the nearest of the keys that exist. */
final class Paths {

    private Paths() {}

    static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The known name most like {@code found}, or null where none is near. */
    static @Nullable String nearest(String found, Collection<String> known) {
        String best = null;
        int least = Math.max(1, found.length() / 3) + 1;
        for (String name : known) {
            int distance = distance(found.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                best = name;
            }
        }
        return best;
    }

    /** {@code "did you mean X? "}, or nothing. */
    static String didYouMean(String found, Collection<String> known) {
        String nearest = nearest(found, known);
        return nearest == null ? "" : "did you mean %s? ".formatted(nearest);
    }

    /** Edits (insert, delete, replace, exchange of neighbours) from one text to the other. */
    private static int distance(String a, String b) {
        var d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
