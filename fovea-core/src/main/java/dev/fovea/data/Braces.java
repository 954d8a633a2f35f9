package dev.fovea.data;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Brace patterns of shard names: {@code shard-{0000..0042}.tar}, {@code {a,b}-{1..3}.tar}. */
final class Braces {

    private static final Pattern BRACE = Pattern.compile("\\{([^{}]*)}");
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,18})\\.\\.([0-9]{1,18})");
    private static final int MOST = 100_000;

    private Braces() {}

    /** All names a pattern stands for, the last brace running fastest; numbers keep the width they are written with. */
    static List<String> expand(String pattern) {
        Matcher brace = BRACE.matcher(pattern);
        if (!brace.find()) {
            return List.of(pattern);
        }
        String before = pattern.substring(0, brace.start());
        List<String> after = expand(pattern.substring(brace.end()));
        List<String> names = new ArrayList<>();
        for (String choice : choices(pattern, brace.group(1))) {
            if ((long) names.size() + after.size() > MOST) {
                throw new IllegalArgumentException("%s: stands for more than %d names".formatted(pattern, MOST));
            }
            after.forEach(rest -> names.add(before + choice + rest));
        }
        return names;
    }

    private static List<String> choices(String pattern, String inside) {
        Matcher range = RANGE.matcher(inside);
        if (!range.matches()) {
            return List.of(inside.split(",", -1));
        }
        long from = Long.parseLong(range.group(1));
        long to = Long.parseLong(range.group(2));
        if (to < from || to - from >= MOST) {
            throw new IllegalArgumentException(
                    "%s: the range %s runs backwards or is longer than %d".formatted(pattern, inside, MOST));
        }
        int width = range.group(1).length();
        List<String> names = new ArrayList<>();
        for (long n = from; n <= to; n++) {
            String digits = Long.toString(n);
            names.add("0".repeat(Math.max(0, width - digits.length())) + digits);
        }
        return names;
    }
}
