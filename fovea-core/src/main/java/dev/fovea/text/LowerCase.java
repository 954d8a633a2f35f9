package dev.fovea.text;

import java.util.Locale;

/**
 * Lower case as Unicode defines it (section 3.13), and as Python has it: capital sigma at the end of a word becomes ς, where
 * word is a matter of cased and case-ignorable characters only. {@link String#toLowerCase} asks a word iterator instead,
 * which sees the end of a word elsewhere.
 */
final class LowerCase {

    private static final int CAPITAL_SIGMA = 0x3A3;
    /** Characters inside a word by its break property, which do not show in their general category. */
    private static final String MID_WORD =
            "'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";

    private LowerCase() {}

    static String of(String text) {
        if (text.indexOf(CAPITAL_SIGMA) < 0) {
            return text.toLowerCase(Locale.ROOT);
        }
        var lower = new StringBuilder(text.length());
        int from = 0;
        for (int at = text.indexOf(CAPITAL_SIGMA); at >= 0; at = text.indexOf(CAPITAL_SIGMA, from)) {
            lower.append(text.substring(from, at).toLowerCase(Locale.ROOT));
            lower.append(isCasedBefore(text, at) && !isCasedAfter(text, at + 1) ? 'ς' : 'σ');
            from = at + 1;
        }
        return lower.append(text.substring(from).toLowerCase(Locale.ROOT)).toString();
    }

    private static boolean isCasedBefore(String text, int end) {
        for (int at = end; at > 0; ) {
            int point = text.codePointBefore(at);
            if (!isIgnorable(point)) {
                return isCased(point);
            }
            at -= Character.charCount(point);
        }
        return false;
    }

    private static boolean isCasedAfter(String text, int start) {
        for (int at = start; at < text.length(); ) {
            int point = text.codePointAt(at);
            if (!isIgnorable(point)) {
                return isCased(point);
            }
            at += Character.charCount(point);
        }
        return false;
    }

    private static boolean isCased(int point) {
        return Character.isLowerCase(point) || Character.isUpperCase(point) || Character.isTitleCase(point);
    }

    private static boolean isIgnorable(int point) {
        return switch (Character.getType(point)) {
            case Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.FORMAT,
                    Character.MODIFIER_LETTER,
                    Character.MODIFIER_SYMBOL -> true;
            default -> MID_WORD.indexOf(point) >= 0;
        };
    }
}
