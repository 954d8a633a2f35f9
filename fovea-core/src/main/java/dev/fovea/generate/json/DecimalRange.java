package dev.fovea.generate.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Numbers between two bounds, written without exponent and with at most {@value #DIGITS} digits after the point.
 *
 * @param least null for none
 * @param most null for none
 */
record DecimalRange(@Nullable Bound least, @Nullable Bound most) {

    private static final int DIGITS = 12;
    private static final BigDecimal LIMIT = BigDecimal.TEN.pow(18);
    private static final Bound ZERO = new Bound(BigDecimal.ZERO, false);

    /** A number that is just allowed, or where {@code strict} just not. */
    record Bound(BigDecimal value, boolean strict) {

        long whole() {
            return value.longValue();
        }

        /** Digits after the point, the last no 0. */
        Tail tail() {
            BigDecimal rest = value.remainder(BigDecimal.ONE);
            String digits = rest.signum() == 0
                    ? ""
                    : rest.stripTrailingZeros().toPlainString().substring(2);
            return new Tail(digits, strict);
        }

        Bound negated() {
            return new Bound(value.negate(), strict);
        }
    }

    /** What is left of a bound's digits when those before it were written. */
    record Tail(String digits, boolean strict) {

        int first() {
            return digits.isEmpty() ? 0 : digits.charAt(0) - '0';
        }

        Tail rest() {
            return digits.isEmpty() ? this : new Tail(digits.substring(1), strict);
        }
    }

    /** {@code minimum}, {@code maximum}, {@code exclusiveMinimum} and {@code exclusiveMaximum} of a schema. */
    static DecimalRange of(JsonNode schema) {
        Bound least = tighter(bound(schema, "minimum", false), bound(schema, "exclusiveMinimum", true), true);
        Bound most = tighter(bound(schema, "maximum", false), bound(schema, "exclusiveMaximum", true), false);
        if (least != null && most != null) {
            int order = least.value().compareTo(most.value());
            if (order > 0 || (order == 0 && (least.strict() || most.strict()))) {
                throw new IllegalArgumentException(
                        "no number lies from %s to %s".formatted(least.value(), most.value()));
            }
        }
        return new DecimalRange(least, most);
    }

    private static @Nullable Bound bound(JsonNode schema, String key, boolean strict) {
        JsonNode value = schema.path(key);
        if (value.isMissingNode()) {
            return null;
        }
        if (!value.isNumber()
                || value.decimalValue().abs().compareTo(LIMIT) > 0
                || value.decimalValue().stripTrailingZeros().scale() > DIGITS) {
            throw new IllegalArgumentException(
                    "%s %s, wanted a number of at most 18 digits, %d after the point".formatted(key, value, DIGITS));
        }
        return new Bound(value.decimalValue(), strict);
    }

    /** The greater or the smaller of two; of equal ones the second, which is strict. */
    private static @Nullable Bound tighter(@Nullable Bound a, @Nullable Bound b, boolean greater) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        int order = a.value().compareTo(b.value());
        return (greater ? order > 0 : order < 0) ? a : b;
    }

    /** All of them. */
    Rule rule(Rules rules) {
        return rules.either(above(rules), below(rules));
    }

    /** From 0 on. */
    private Rule above(Rules rules) {
        if (most != null && most.value().signum() < 0) {
            return rules.never;
        }
        return between(rules, least == null || least.value().signum() < 0 ? ZERO : least, most);
    }

    /** Below 0: a minus and what is above 0. */
    private Rule below(Rules rules) {
        if (least != null && least.value().signum() >= 0) {
            return rules.never;
        }
        Bound nearest = most == null || most.value().signum() >= 0 ? new Bound(BigDecimal.ZERO, true) : most.negated();
        return rules.then(rules.text("-"), between(rules, nearest, least == null ? null : least.negated()));
    }

    /** Numbers of 0 or more. */
    private static Rule between(Rules rules, Bound from, @Nullable Bound to) {
        long first = from.whole();
        if (to != null && first == to.whole()) {
            return number(rules, first, from.tail(), to.tail());
        }
        Long last = to == null ? null : (Long) (to.whole() - 1);
        Rule inside = last != null && first + 1 > last
                ? rules.never
                : rules.then(new IntegerRange(first + 1, last).rule(rules), fraction(rules, null, null));
        return rules.either(
                number(rules, first, from.tail(), null),
                inside,
                to == null ? rules.never : number(rules, to.whole(), null, to.tail()));
    }

    private static Rule number(Rules rules, long whole, @Nullable Tail from, @Nullable Tail to) {
        return rules.then(rules.text(Long.toString(whole)), fraction(rules, from, to));
    }

    private static Rule fraction(Rules rules, @Nullable Tail from, @Nullable Tail to) {
        return rules.either(
                mayEnd(from, to) ? rules.empty : rules.never,
                rules.then(rules.text("."), digits(rules, from, to, DIGITS)));
    }

    /** Whether nothing but zeros may follow. */
    private static boolean mayEnd(@Nullable Tail from, @Nullable Tail to) {
        return (from == null || (from.digits().isEmpty() && !from.strict()))
                && (to == null || !(to.digits().isEmpty() && to.strict()));
    }

    /** One digit or more, at most {@code left}. */
    private static Rule digits(Rules rules, @Nullable Tail from, @Nullable Tail to, int left) {
        if (left == 0) {
            return rules.never;
        }
        if (from == null && to == null) {
            return rules.repeat(rules.chars('0', '9'), 1, left);
        }
        int low = from == null ? 0 : from.first();
        int high = to == null ? 9 : to.first();
        var choices = new ArrayList<Rule>();
        for (int digit = low; digit <= high; digit++) {
            Tail above = from != null && digit == low ? from.rest() : null;
            Tail below = to != null && digit == high ? to.rest() : null;
            Rule rest = rules.either(
                    mayEnd(above, below) ? rules.empty : rules.never, digits(rules, above, below, left - 1));
            choices.add(rules.then(rules.chars('0' + digit, '0' + digit), rest));
        }
        return rules.either(choices);
    }
}
