package dev.fovea.generate.json;

import java.util.ArrayList;
import java.util.List;

/**
 * The regular expressions of JSON Schema as a rule for a string's content: literals, classes, groups, {@code |} and the
 * quantifiers. An expression that is not anchored may stand anywhere in the string. Assertions other than {@code ^} at the
 * beginning and {@code $} at the end, and back references, are refused.
 */
final class Pattern {

    private static final int MAX_REPEATS = 1000;
    private static final int MAX_DEPTH = 64;
    private static final int LAST = Character.MAX_CODE_POINT;
    private static final int[] DIGIT = {'0', '9'};
    private static final int[] WORD = {'0', '9', 'A', 'Z', '_', '_', 'a', 'z'};
    private static final int[] BLANK = {
        '\t', '\r', ' ', ' ', 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F, 0x205F,
        0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF
    };
    private static final int[] DOT = {0, '\n' - 1, '\n' + 1, '\r' - 1, '\r' + 1, 0x2027, 0x202A, LAST};

    private final JsonText json;
    private final Rules rules;
    private final int[] pattern;
    private final String source;
    private int at;
    private int depth;

    private Pattern(JsonText json, String source) {
        this.json = json;
        this.rules = json.rules;
        this.source = source;
        this.pattern = source.codePoints().toArray();
    }

    /** The content of strings in which {@code pattern} is found. */
    static Rule content(JsonText json, String pattern) {
        var parser = new Pattern(json, pattern);
        Rule rule = parser.whole();
        if (parser.at < parser.pattern.length) {
            throw parser.refused("a ) too many");
        }
        return rule;
    }

    /** Alternatives at the top have anchors of their own. */
    private Rule whole() {
        var choices = new ArrayList<Rule>();
        do {
            boolean fromStart = take('^');
            Rule rule = sequence();
            boolean toEnd = take('$');
            Rule anything = rules.repeat(json.character(0, LAST), 0, Rules.UNBOUNDED);
            choices.add(rules.all(fromStart ? rules.empty : anything, rule, toEnd ? rules.empty : anything));
        } while (take('|'));
        return rules.either(choices);
    }

    private Rule alternatives() {
        var choices = new ArrayList<Rule>();
        do {
            choices.add(sequence());
        } while (take('|'));
        return rules.either(choices);
    }

    private Rule sequence() {
        Rule rule = rules.empty;
        while (at < pattern.length && !ends(pattern[at])) {
            rule = rules.then(rule, quantified(atom()));
        }
        return rule;
    }

    private static boolean ends(int c) {
        return c == '|' || c == ')' || c == '$';
    }

    private Rule quantified(Rule one) {
        int min;
        int max;
        if (take('*')) {
            min = 0;
            max = Rules.UNBOUNDED;
        } else if (take('+')) {
            min = 1;
            max = Rules.UNBOUNDED;
        } else if (take('?')) {
            min = 0;
            max = 1;
        } else if (take('{')) {
            min = count();
            max = take(',') ? (at < pattern.length && pattern[at] == '}' ? Rules.UNBOUNDED : count()) : min;
            if (!take('}') || max < min) {
                throw refused("a repetition that is not {n}, {n,} or {n,m}");
            }
        } else {
            return one;
        }
        take('?'); // lazy or not, the texts are the same
        if (at < pattern.length && "*+?{".indexOf(pattern[at]) >= 0) {
            throw refused("a quantifier after a quantifier");
        }
        // What may be empty may be left out: then no repetition is of nothing.
        return rules.isNullable(one) ? rules.optional(rules.repeat(one, 1, max)) : rules.repeat(one, min, max);
    }

    private int count() {
        int n = 0;
        int start = at;
        while (at < pattern.length && pattern[at] >= '0' && pattern[at] <= '9' && n <= MAX_REPEATS) {
            n = 10 * n + pattern[at++] - '0';
        }
        if (at == start || n > MAX_REPEATS) {
            throw refused("a number of repetitions that is not 0 to %d".formatted(MAX_REPEATS));
        }
        return n;
    }

    private Rule atom() {
        int c = pattern[at++];
        return switch (c) {
            case '(' -> group();
            case '[' -> characters(charClass());
            case '.' -> characters(DOT);
            case '\\' -> characters(escape());
            case '*', '+', '?', '{', '^' -> throw refused("'%c' where a character was wanted".formatted(c));
            default -> characters(c, c);
        };
    }

    private Rule group() {
        if (take('?') && !take(':')) {
            throw refused("(? other than (?:");
        }
        if (++depth > MAX_DEPTH) {
            throw refused("more than %d groups in each other".formatted(MAX_DEPTH));
        }
        Rule rule = alternatives();
        depth--;
        if (!take(')')) {
            throw refused("a ( without its ), or $ inside");
        }
        return rule;
    }

    private Rule characters(int... ranges) {
        Rule rule = json.character(ranges);
        if (rule == rules.never) {
            throw refused("a class of characters that no string can hold");
        }
        return rule;
    }

    private int[] charClass() {
        boolean negated = take('^');
        var ranges = new ArrayList<Integer>();
        while (at < pattern.length && pattern[at] != ']') {
            int[] first = classAtom();
            if (first.length == 2
                    && first[0] == first[1]
                    && at + 1 < pattern.length
                    && pattern[at] == '-'
                    && pattern[at + 1] != ']') {
                at++;
                int[] last = classAtom();
                if (last.length != 2 || last[0] != last[1] || last[0] < first[0]) {
                    throw refused("a range that does not go from one character up to another");
                }
                first = new int[] {first[0], last[0]};
            }
            for (int bound : first) {
                ranges.add(bound);
            }
        }
        if (!take(']')) {
            throw refused("a [ without its ]");
        }
        int[] all = ranges.stream().mapToInt(Integer::intValue).toArray();
        return negated ? complement(all) : all;
    }

    private int[] classAtom() {
        int c = pattern[at++];
        if (c == '\\' && at < pattern.length && pattern[at] == 'b') {
            at++;
            return new int[] {'\b', '\b'};
        }
        return c == '\\' ? escape() : new int[] {c, c};
    }

    private int[] escape() {
        if (at == pattern.length) {
            throw refused("a \\ at the end");
        }
        int c = pattern[at++];
        return switch (c) {
            case 'd' -> DIGIT;
            case 'D' -> complement(DIGIT);
            case 'w' -> WORD;
            case 'W' -> complement(WORD);
            case 's' -> BLANK;
            case 'S' -> complement(BLANK);
            case 'n' -> single('\n');
            case 'r' -> single('\r');
            case 't' -> single('\t');
            case 'f' -> single('\f');
            case 'x' -> single(hex(2));
            case 'u' -> single(hex(4));
            default -> {
                if (Character.isLetterOrDigit(c)) {
                    throw refused("\\" + Character.toString(c));
                }
                yield single(c);
            }
        };
    }

    private static int[] single(int c) {
        return new int[] {c, c};
    }

    private int hex(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = at < pattern.length ? Character.digit(pattern[at++], 16) : -1;
            if (digit < 0) {
                throw refused("an escape that is not %d hexadecimal digits".formatted(digits));
            }
            value = 16 * value + digit;
        }
        return value;
    }

    private static int[] complement(int... ranges) {
        List<int[]> pairs = new ArrayList<>();
        for (int i = 0; i < ranges.length; i += 2) {
            pairs.add(new int[] {ranges[i], ranges[i + 1]});
        }
        pairs.sort((a, b) -> Integer.compare(a[0], b[0]));
        var rest = new ArrayList<Integer>();
        int from = 0;
        for (int[] pair : pairs) {
            if (from < pair[0]) {
                rest.add(from);
                rest.add(pair[0] - 1);
            }
            from = Math.max(from, pair[1] + 1);
        }
        if (from <= LAST) {
            rest.add(from);
            rest.add(LAST);
        }
        return rest.stream().mapToInt(Integer::intValue).toArray();
    }

    private boolean take(int c) {
        if (at < pattern.length && pattern[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    private IllegalArgumentException refused(String what) {
        return new IllegalArgumentException(
                "pattern %s: %s is not supported, at character %d".formatted(source, what, at));
    }
}
