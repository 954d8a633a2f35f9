package dev.fovea.text;

import java.util.regex.Pattern;

/** What Python takes for a blank, which is more than {@link String#trim} and other than {@link String#strip}. */
final class Blanks {

    private static final String BLANKS =
            "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
    private static final Pattern INNER = Pattern.compile(BLANKS);
    private static final Pattern OUTER = Pattern.compile("\\A" + BLANKS + "|" + BLANKS + "\\z");

    private Blanks() {}

    /** The text without blanks at its ends. */
    static String strip(String text) {
        return OUTER.matcher(text).replaceAll("");
    }

    /** The text without blanks at its ends, each run of them inside as one space. */
    static String collapse(String text) {
        return INNER.matcher(strip(text)).replaceAll(" ");
    }
}
