package dev.fovea.train;

import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers of a run as a reader wants them. */
final class ProgressText {

    private ProgressText() {}

    /** {@code loss 0.5123  rate 1.0e-3}. */
    static String values(Measurement m) {
        return m.values().entrySet().stream()
                .map(e -> e.getKey() + " " + number(e.getValue()))
                .collect(Collectors.joining("  "));
    }

    /** Four significant digits, with an exponent for what is very small or large. */
    static String number(double x) {
        double size = Math.abs(x);
        if (!Double.isFinite(x)) {
            return Double.toString(x);
        } else if (x == Math.rint(x) && size < 1e6) {
            return Long.toString((long) x);
        } else if (size < 1e-3 || size >= 1e6) {
            return String.format(Locale.ROOT, "%.2e", x)
                    .replaceAll("e([-+])0", "e$1")
                    .replace("e+", "e");
        }
        int digits = Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
        return String.format(Locale.ROOT, "%." + Math.min(digits, 4) + "f", x);
    }

    /** {@code 0:07}, {@code 12:30}, {@code 3:05:00}. */
    static String duration(double seconds) {
        if (!Double.isFinite(seconds)) {
            return "?";
        }
        long s = Math.round(seconds);
        return s < 3600 ? "%d:%02d".formatted(s / 60, s % 60) : "%d:%02d:%02d".formatted(s / 3600, s / 60 % 60, s % 60);
    }
}
