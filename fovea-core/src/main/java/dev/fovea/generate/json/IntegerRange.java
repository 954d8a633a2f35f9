package dev.fovea.generate.json;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Whole numbers between two bounds, written in decimal digits without leading zeros.
 *
 * @param least null for none
 * @param most null for none
 */
record IntegerRange(@Nullable Long least, @Nullable Long most) {

    private static final BigDecimal LIMIT = BigDecimal.TEN.pow(18);

    /** {@code minimum}, {@code maximum}, {@code exclusiveMinimum} and {@code exclusiveMaximum} of a schema. */
    static IntegerRange of(JsonNode schema) {
        Long least = larger(
                bound(schema, "minimum", RoundingMode.CEILING, 0),
                bound(schema, "exclusiveMinimum", RoundingMode.FLOOR, 1));
        Long most = smaller(
                bound(schema, "maximum", RoundingMode.FLOOR, 0),
                bound(schema, "exclusiveMaximum", RoundingMode.CEILING, -1));
        if (least != null && most != null && least > most) {
            throw new IllegalArgumentException("no whole number lies from %d to %d".formatted(least, most));
        }
        return new IntegerRange(least, most);
    }

    private static @Nullable Long bound(JsonNode schema, String key, RoundingMode rounding, int step) {
        JsonNode value = schema.path(key);
        if (value.isMissingNode()) {
            return null;
        }
        if (!value.isNumber() || value.decimalValue().abs().compareTo(LIMIT) > 0) {
            throw new IllegalArgumentException("%s %s, wanted a number of at most 18 digits".formatted(key, value));
        }
        return value.decimalValue().setScale(0, rounding).longValueExact() + step;
    }

    private static @Nullable Long larger(@Nullable Long a, @Nullable Long b) {
        return a == null ? b : b == null ? a : (Long) Math.max(a, b);
    }

    private static @Nullable Long smaller(@Nullable Long a, @Nullable Long b) {
        return a == null ? b : b == null ? a : (Long) Math.min(a, b);
    }

    /** All of them. */
    Rule rule(Rules rules) {
        Rule below = negative(rules, most != null && most < 0 ? -most : 1, least);
        Rule above =
                most != null && most < 0 ? rules.never : natural(rules, least == null ? 0 : Math.max(0, least), most);
        return rules.either(above, below);
    }

    /** Minus {@code from} down to {@code lowest}. */
    private static Rule negative(Rules rules, long from, @Nullable Long lowest) {
        return lowest != null && -lowest < from
                ? rules.never
                : rules.then(rules.text("-"), natural(rules, from, lowest == null ? null : (Long) (-lowest)));
    }

    private static Rule natural(Rules rules, long from, @Nullable Long to) {
        var choices = new ArrayList<Rule>();
        int shortest = Long.toString(from).length();
        int longest = to == null ? shortest : Long.toString(to).length();
        long power = 1; // the least number of so many digits, but for 0
        for (int digits = 1; digits <= longest; digits++, power *= 10) {
            long least = Math.max(from, digits == 1 ? 0 : power);
            long most = to == null ? power * 10 - 1 : Math.min(to, power * 10 - 1);
            if (digits >= shortest && least <= most) {
                choices.add(digits(rules, Long.toString(least), Long.toString(most)));
            }
        }
        if (to == null) {
            Rule digit = rules.chars('0', '9');
            choices.add(rules.then(rules.chars('1', '9'), rules.repeat(digit, shortest, Rules.UNBOUNDED)));
        }
        return rules.either(choices);
    }

    /** Numbers of equally many digits between two. */
    private static Rule digits(Rules rules, String from, String to) {
        if (from.isEmpty()) {
            return rules.empty;
        }
        char low = from.charAt(0);
        char high = to.charAt(0);
        String lowRest = from.substring(1);
        String highRest = to.substring(1);
        if (low == high) {
            return rules.then(rules.chars(low, low), digits(rules, lowRest, highRest));
        }
        int left = lowRest.length();
        return rules.either(
                rules.then(rules.chars(low, low), digits(rules, lowRest, "9".repeat(left))),
                rules.then(rules.chars(low + 1, high - 1), rules.repeat(rules.chars('0', '9'), left, left)),
                rules.then(rules.chars(high, high), digits(rules, "0".repeat(left), highRest)));
    }
}
