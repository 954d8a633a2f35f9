package dev.fovea.report;

import java.util.Locale;

/** Text and numbers as HTML and SVG want them. */
final class Html {

    private Html() {}

    static String escape(String text) {
        var out = new StringBuilder(text.length() + 16);
        text.chars().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append((char) c);
            }
        });
        return out.toString();
    }

    /** A coordinate, in tenths. */
    static String at(double x) {
        return String.format(Locale.ROOT, "%.1f", x);
    }

    /** Four significant digits without trailing zeros; an exponent for what is very small or large. */
    static String number(double x) {
        double size = Math.abs(x);
        if (!Double.isFinite(x)) {
            return "–";
        } else if (x == 0) {
            return "0";
        } else if (size < 1e-3 || size >= 1e6) {
            return mantissa(String.format(Locale.ROOT, "%.3e", x));
        }
        int digits = Math.clamp(3 - (int) Math.floor(Math.log10(size)), 0, 6);
        String text = String.format(Locale.ROOT, "%." + digits + "f", x);
        return digits == 0 ? text : text.replaceAll("\\.?0+$", "");
    }

    private static String mantissa(String text) {
        int e = text.indexOf('e');
        return text.substring(0, e).replaceAll("\\.?0+$", "") + "e" + Integer.parseInt(text.substring(e + 1));
    }

    static String percent(double share) {
        return Double.isFinite(share) ? String.format(Locale.ROOT, "%.1f%%", 100 * share) : "–";
    }
}
