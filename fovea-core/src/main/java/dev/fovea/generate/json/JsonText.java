package dev.fovea.generate.json;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * How JSON is written: rules for its parts. Between the parts a blank, or a new line and up to {@value #INDENT} blanks, may
 * stand. Characters are written as they are where JSON allows it, else as the short escapes; there are no {@code \\u}
 * escapes, so control characters without a short one do not occur.
 */
final class JsonText {

    private static final int INDENT = 24;
    private static final String ESCAPED = "\"\\\b\f\n\r\t";
    private static final String ESCAPES = "\"\\bfnrt";
    private static final String FREE = "any value";

    final Rules rules;
    final Rule space;

    JsonText(Rules rules) {
        this.rules = rules;
        this.space = rules.either(
                rules.empty, rules.text(" "), rules.then(rules.text("\n"), rules.repeat(rules.text(" "), 0, INDENT)));
        Rule free = rules.named(FREE);
        rules.define(
                FREE,
                rules.either(
                        rules.text("null"),
                        rules.text("true"),
                        rules.text("false"),
                        number(),
                        string(),
                        array(free, 0, Rules.UNBOUNDED),
                        map(free)));
    }

    /** Any JSON value. */
    Rule any() {
        return rules.named(FREE);
    }

    Rule integer() {
        Rule digits = rules.repeat(rules.chars('0', '9'), 0, Rules.UNBOUNDED);
        return rules.then(
                rules.optional(rules.text("-")),
                rules.either(rules.text("0"), rules.then(rules.chars('1', '9'), digits)));
    }

    Rule number() {
        Rule digits = rules.repeat(rules.chars('0', '9'), 1, Rules.UNBOUNDED);
        Rule fraction = rules.optional(rules.then(rules.text("."), digits));
        Rule exponent = rules.optional(rules.all(
                rules.chars('e', 'e', 'E', 'E'),
                rules.optional(rules.chars('+', '+', '-', '-')),
                rules.repeat(rules.chars('0', '9'), 1, 2))); // stays in the range of a double
        return rules.all(integer(), fraction, exponent);
    }

    /** A character of a string out of ranges of code points, as it is written; surrogates are not characters. */
    Rule character(int... ranges) {
        var raw = new ArrayList<Integer>();
        var choices = new ArrayList<Rule>();
        for (int i = 0; i < ranges.length; i += 2) {
            addRaw(raw, ranges[i], ranges[i + 1]);
            for (int e = 0; e < ESCAPED.length(); e++) {
                if (ranges[i] <= ESCAPED.charAt(e) && ESCAPED.charAt(e) <= ranges[i + 1]) {
                    choices.add(rules.text("\\" + ESCAPES.charAt(e)));
                }
            }
        }
        choices.addFirst(rules.chars(raw.stream().mapToInt(Integer::intValue).toArray()));
        return rules.either(choices);
    }

    /** The part of {@code from} to {@code to} that stands in a string as it is. */
    private static void addRaw(List<Integer> raw, int from, int to) {
        int[] allowed = {' ', '!', '#', '[', ']', 0xD7FF, 0xE000, Character.MAX_CODE_POINT};
        for (int i = 0; i < allowed.length; i += 2) {
            if (Math.max(from, allowed[i]) <= Math.min(to, allowed[i + 1])) {
                raw.add(Math.max(from, allowed[i]));
                raw.add(Math.min(to, allowed[i + 1]));
            }
        }
    }

    Rule string() {
        return string(0, Rules.UNBOUNDED);
    }

    /** A string of so many characters. */
    Rule string(int min, int max) {
        return quoted(rules.repeat(character(0, Character.MAX_CODE_POINT), min, max));
    }

    Rule quoted(Rule content) {
        return rules.all(rules.text("\""), content, rules.text("\""));
    }

    /** A string of exactly this text. */
    Rule literal(String text) {
        Rule content = rules.empty;
        int[] points = text.codePoints().toArray();
        for (int i = points.length - 1; i >= 0; i--) {
            Rule one = character(points[i], points[i]);
            if (one == rules.never) {
                throw new IllegalArgumentException("'%s' holds a control character".formatted(text));
            }
            content = rules.then(one, content);
        }
        return quoted(content);
    }

    /** Exactly this value; members of an object in its order. */
    Rule constant(JsonNode value) {
        if (value.isString()) {
            return literal(value.asString());
        }
        var parts = new ArrayList<Rule>();
        if (value.isArray()) {
            value.forEach(item -> parts.add(constant(item)));
            return enclosed("[", list(parts), "]");
        }
        if (value.isObject()) {
            value.forEachEntry((name, member) -> parts.add(member(name, constant(member))));
            return enclosed("{", list(parts), "}");
        }
        return rules.text(value.toString());
    }

    private Rule list(List<Rule> parts) {
        Rule list = rules.empty;
        for (Rule part : parts.reversed()) {
            list = list == rules.empty ? part : rules.all(part, comma(), list);
        }
        return list;
    }

    Rule array(Rule item, int min, int max) {
        Rule more =
                rules.repeat(rules.then(comma(), item), Math.max(0, min - 1), max == Rules.UNBOUNDED ? max : max - 1);
        Rule items = rules.then(item, more);
        return enclosed("[", max == 0 ? rules.empty : min == 0 ? rules.optional(items) : items, "]");
    }

    /** An object of any names. */
    Rule map(Rule value) {
        Rule member = rules.all(string(), colon(), value);
        return enclosed(
                "{",
                rules.optional(rules.then(member, rules.repeat(rules.then(comma(), member), 0, Rules.UNBOUNDED))),
                "}");
    }

    Rule member(String name, Rule value) {
        return rules.all(literal(name), colon(), value);
    }

    Rule enclosed(String open, Rule content, String close) {
        Rule ended = rules.then(space, rules.text(close));
        return content == rules.empty
                ? rules.then(rules.text(open), ended)
                : rules.all(rules.text(open), space, content, ended);
    }

    Rule comma() {
        return rules.all(space, rules.text(","), space);
    }

    private Rule colon() {
        return rules.all(rules.text(":"), space);
    }
}
