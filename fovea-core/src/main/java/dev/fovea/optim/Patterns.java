package dev.fovea.optim;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Regular expressions that match whole parameter names; the first that matches counts. */
final class Patterns {

    private static final int NAMES_SHOWN = 8;

    private Patterns() {}

    /**
     * The index of the first pattern that matches, by name; a name that none matches is absent.
     *
     * @param key where the patterns stand in the configuration, for messages
     */
    static Map<String, Integer> firstMatch(String key, List<String> patterns, Collection<String> names) {
        List<Pattern> compiled = patterns.stream().map(p -> compile(key, p)).toList();
        var first = new LinkedHashMap<String, Integer>();
        var used = new boolean[patterns.size()];
        for (String name : names) {
            for (int i = 0; i < used.length; i++) {
                if (compiled.get(i).matcher(name).matches()) {
                    used[i] = true;
                    first.putIfAbsent(name, i);
                }
            }
        }
        for (int i = 0; i < used.length; i++) {
            if (!used[i]) {
                throw new IllegalArgumentException(
                        "%s: pattern '%s' matches the whole name of none of %d parameters: %s%s"
                                .formatted(
                                        key,
                                        patterns.get(i),
                                        names.size(),
                                        names.stream().limit(NAMES_SHOWN).toList(),
                                        names.size() > NAMES_SHOWN ? " ..." : ""));
            }
        }
        return first;
    }

    private static Pattern compile(String key, String pattern) {
        try {
            return Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "%s: '%s' is no regular expression: %s".formatted(key, pattern, e.getDescription()), e);
        }
    }
}
