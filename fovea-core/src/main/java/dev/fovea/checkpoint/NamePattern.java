package dev.fovea.checkpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A name with indices in it: {@code blocks.{i}.norm.weight}. {@code *} stands for anything. */
final class NamePattern {

    private static final Pattern SPECIAL = Pattern.compile("\\{(\\w+)\\}|\\*");

    private final String text;
    private final Pattern regex;
    private final List<String> indices = new ArrayList<>();

    NamePattern(String text) {
        this.text = text;
        var regex = new StringBuilder();
        int end = 0;
        for (MatchResult m : SPECIAL.matcher(text).results().toList()) {
            regex.append(Pattern.quote(text.substring(end, m.start())));
            regex.append(m.group(1) == null ? ".*" : "(0|[1-9][0-9]{0,8})");
            if (m.group(1) != null) {
                indices.add(m.group(1));
            }
            end = m.end();
        }
        this.regex = Pattern.compile(regex + Pattern.quote(text.substring(end)));
    }

    List<String> indices() {
        return indices;
    }

    /** The indices in a name, or null where it does not fit. */
    @Nullable
    Map<String, Integer> match(String name) {
        Matcher m = regex.matcher(name);
        if (!m.matches()) {
            return null;
        }
        var found = new LinkedHashMap<String, Integer>();
        for (int i = 0; i < indices.size(); i++) {
            found.put(indices.get(i), Integer.valueOf(m.group(i + 1)));
        }
        return found;
    }

    /** The name with these indices. */
    String name(Map<String, Integer> values) {
        return SPECIAL.matcher(text).replaceAll(m -> String.valueOf(values.get(m.group(1))));
    }

    @Override
    public String toString() {
        return text;
    }
}
