package dev.fovea.config;

import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Texts to values and back. The wanted type decides; the look of the text does not. */
final class Scalars {

    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");
    private static final Pattern INFINITY = Pattern.compile("[-+]?\\.(inf|Inf|INF)");

    private Scalars() {}

    /** The value, or null where {@code text} is none of the type. */
    static @Nullable Object parse(Class<?> type, String text) {
        try {
            if (type == String.class) {
                return text;
            } else if (type == Path.class) {
                return Path.of(text);
            } else if (type == boolean.class || type == Boolean.class) {
                return text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null;
            } else if (type == int.class || type == Integer.class) {
                return NUMBER.matcher(text).matches() ? new BigDecimal(text).intValueExact() : null;
            } else if (type == long.class || type == Long.class) {
                return NUMBER.matcher(text).matches() ? new BigDecimal(text).longValueExact() : null;
            } else if (type == double.class || type == Double.class) {
                return real(text);
            } else if (type == float.class || type == Float.class) {
                Double value = real(text);
                return value == null || Double.isInfinite(value) ? box(value) : Float.valueOf(text);
            }
            return Arrays.stream(type.getEnumConstants())
                    .filter(constant -> write(constant).equals(text.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElse(null);
        } catch (ArithmeticException | InvalidPathException e) {
            return null;
        }
    }

    static boolean isScalar(Class<?> type) {
        return type.isPrimitive()
                || type.isEnum()
                || type == String.class
                || type == Path.class
                || type == Boolean.class
                || Number.class.isAssignableFrom(type);
    }

    /** What a text of the type must look like, for messages. */
    static String wanted(Class<?> type) {
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants()).map(Scalars::write).toList();
        }
        return switch (type.getSimpleName()) {
            case "boolean", "Boolean" -> "true or false";
            case "int", "Integer" -> "a whole number of 32 bits";
            case "long", "Long" -> "a whole number";
            case "String" -> "a text";
            case "Path" -> "a path";
            default -> "a number";
        };
    }

    static String write(Object value) {
        return switch (value) {
            case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT);
            case Double d when d.isInfinite() -> d > 0 ? ".inf" : "-.inf";
            case Float f when f.isInfinite() -> f > 0 ? ".inf" : "-.inf";
            default -> value.toString();
        };
    }

    private static @Nullable Double real(String text) {
        if (INFINITY.matcher(text).matches()) {
            return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (!NUMBER.matcher(text).matches()) {
            return null;
        }
        double value = Double.parseDouble(text);
        return Double.isInfinite(value) ? null : value; // 1e999 is a slip, not infinity
    }

    private static @Nullable Float box(@Nullable Double value) {
        return value == null ? null : value.floatValue();
    }
}
