package dev.fovea.generate.json;

import dev.fovea.generate.json.Rule.Chars;
import dev.fovea.generate.json.Rule.Either;
import dev.fovea.generate.json.Rule.Empty;
import dev.fovea.generate.json.Rule.Form;
import dev.fovea.generate.json.Rule.Named;
import dev.fovea.generate.json.Rule.Never;
import dev.fovea.generate.json.Rule.Repeat;
import dev.fovea.generate.json.Rule.Then;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/** Makes the rules of one grammar, and takes their derivatives. Not for several threads at once. */
final class Rules {

    static final int UNBOUNDED = Integer.MAX_VALUE;
    /** Length of the shortest text of a rule that has none. */
    static final long NO_TEXT = Long.MAX_VALUE / 4;

    private final Map<Form, Rule> made = new HashMap<>();
    private final Map<String, Rule> named = new HashMap<>();
    private final Map<Rule, Long> lengths = new HashMap<>();
    private final Map<String, Long> namedLengths = new HashMap<>();

    final Rule never = make(new Never());
    final Rule empty = make(new Empty());

    private Rule make(Form form) {
        return made.computeIfAbsent(form, Rule::new);
    }

    /** One code point out of ranges {@code from, to, from, to ...}. */
    Rule chars(int... ranges) {
        var pairs = new ArrayList<int[]>();
        for (int i = 0; i < ranges.length; i += 2) {
            if (ranges[i] <= ranges[i + 1]) {
                pairs.add(new int[] {ranges[i], ranges[i + 1]});
            }
        }
        pairs.sort(Comparator.comparingInt(pair -> pair[0]));
        var merged = new ArrayList<Integer>();
        for (int[] pair : pairs) {
            int last = merged.size() - 1;
            if (last > 0 && pair[0] <= merged.get(last) + 1) {
                merged.set(last, Math.max(merged.get(last), pair[1]));
            } else {
                merged.add(pair[0]);
                merged.add(pair[1]);
            }
        }
        return merged.isEmpty() ? never : make(new Chars(List.copyOf(merged)));
    }

    Rule text(String text) {
        Rule rule = empty;
        int[] points = text.codePoints().toArray();
        for (int i = points.length - 1; i >= 0; i--) {
            rule = then(chars(points[i], points[i]), rule);
        }
        return rule;
    }

    /** One after the other. */
    Rule all(Rule... parts) {
        Rule rule = empty;
        for (int i = parts.length - 1; i >= 0; i--) {
            rule = then(parts[i], rule);
        }
        return rule;
    }

    Rule then(Rule first, Rule second) {
        if (first == never || second == never) {
            return never;
        }
        if (first == empty) {
            return second;
        }
        if (second == empty) {
            return first;
        }
        // The first part of a sequence is never a sequence itself; a loop, as texts may be long.
        var parts = new ArrayList<Rule>();
        Rule at = first;
        for (; at.form instanceof Then(Rule a, Rule b); at = b) {
            parts.add(a);
        }
        Rule rule = make(new Then(at, second));
        for (Rule part : parts.reversed()) {
            rule = make(new Then(part, rule));
        }
        return rule;
    }

    Rule either(Rule... choices) {
        return either(List.of(choices));
    }

    Rule either(Iterable<Rule> choices) {
        SequencedSet<Rule> distinct = new LinkedHashSet<>();
        for (Rule choice : choices) {
            if (choice.form instanceof Either(List<Rule> inner)) {
                distinct.addAll(inner);
            } else if (choice != never) {
                distinct.add(choice);
            }
        }
        return distinct.isEmpty()
                ? never
                : distinct.size() == 1 ? distinct.getFirst() : make(new Either(List.copyOf(distinct)));
    }

    Rule optional(Rule rule) {
        return either(rule, empty);
    }

    Rule repeat(Rule one, int min, int max) {
        if (max == 0 || one == empty) {
            return empty;
        }
        if (one == never) {
            return min == 0 ? empty : never;
        }
        return min == 1 && max == 1 ? one : make(new Repeat(one, min, max));
    }

    /** The rule that {@link #define} gives this name. */
    Rule named(String name) {
        return make(new Named(name));
    }

    void define(String name, Rule rule) {
        named.put(name, rule);
    }

    private Rule definition(String name) {
        Rule rule = named.get(name);
        if (rule == null) {
            throw new IllegalStateException("rule %s has no definition".formatted(name));
        }
        return rule;
    }

    /** Whether the empty text is among the rule's. */
    boolean isNullable(Rule rule) {
        return switch (rule.form) {
            case Never _, Chars _ -> false;
            case Empty _ -> true;
            case Then(Rule first, Rule second) -> isNullable(first) && isNullable(second);
            case Either(List<Rule> choices) -> choices.stream().anyMatch(this::isNullable);
            case Repeat(Rule one, int min, int _) -> min == 0 || isNullable(one);
            case Named(String name) -> isNullable(definition(name));
        };
    }

    /** What may follow once {@code c} was read; {@link #never} where it may not be read. */
    Rule derive(Rule rule, int c) {
        Rule known = rule.known(c);
        if (known == null) {
            known = derivative(rule, c);
            rule.keep(c, known);
        }
        return known;
    }

    private Rule derivative(Rule rule, int c) {
        return switch (rule.form) {
            case Never _, Empty _ -> never;
            case Chars(List<Integer> ranges) -> overlaps(ranges, c, c) ? empty : never;
            case Then(Rule first, Rule second) -> {
                Rule rest = then(derive(first, c), second);
                yield isNullable(first) ? either(rest, derive(second, c)) : rest;
            }
            case Either(List<Rule> choices) ->
                either(choices.stream().map(choice -> derive(choice, c)).toList());
            case Repeat(Rule one, int min, int max) ->
                then(derive(one, c), repeat(one, Math.max(0, min - 1), max == UNBOUNDED ? UNBOUNDED : max - 1));
            case Named(String name) -> derive(definition(name), c);
        };
    }

    /** Whether a text of the rule may begin with one of the code points {@code from} to {@code to}. */
    boolean mayBegin(Rule rule, int from, int to) {
        return switch (rule.form) {
            case Never _, Empty _ -> false;
            case Chars(List<Integer> ranges) -> overlaps(ranges, from, to);
            case Then(Rule first, Rule second) ->
                mayBegin(first, from, to) || (isNullable(first) && mayBegin(second, from, to));
            case Either(List<Rule> choices) -> choices.stream().anyMatch(choice -> mayBegin(choice, from, to));
            case Repeat(Rule one, int _, int _) -> mayBegin(one, from, to);
            case Named(String name) -> mayBegin(definition(name), from, to);
        };
    }

    private static boolean overlaps(List<Integer> ranges, int from, int to) {
        for (int i = 0; i < ranges.size(); i += 2) {
            if (ranges.get(i) <= to && from <= ranges.get(i + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Bytes of UTF-8 of the shortest text; {@link #NO_TEXT} where there is none, as when a rule needs itself. */
    long shortest(Rule rule) {
        Long known = lengths.get(rule);
        if (known == null) {
            known = measure(rule);
            lengths.put(rule, known);
        }
        return known;
    }

    private long measure(Rule rule) {
        return switch (rule.form) {
            case Never _ -> NO_TEXT;
            case Empty _ -> 0;
            case Chars(List<Integer> ranges) -> utf8Length(ranges.getFirst());
            case Then _ -> measureSequence(rule);
            case Either(List<Rule> choices) ->
                choices.stream().mapToLong(this::shortest).min().orElse(NO_TEXT);
            case Repeat(Rule one, int min, int _) -> min == 0 ? 0 : Math.min(NO_TEXT, min * shortest(one));
            case Named(String name) -> namedLengths.getOrDefault(name, NO_TEXT);
        };
    }

    /** From the end on, as texts may be long. */
    private long measureSequence(Rule rule) {
        var parts = new ArrayList<Rule>();
        Rule at = rule;
        for (; at.form instanceof Then(Rule _, Rule second) && !lengths.containsKey(at); at = second) {
            parts.add(at);
        }
        long length = shortest(at);
        for (Rule part : parts.reversed()) {
            if (part.form instanceof Then(Rule first, Rule _)) {
                length = Math.min(NO_TEXT, length + shortest(first));
                lengths.put(part, length);
            }
        }
        return length;
    }

    private static int utf8Length(int point) {
        return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    }

    /** Works out the shortest texts of the named rules; to be called once all are defined. */
    void settle() {
        for (boolean changed = true; changed; ) {
            changed = false;
            lengths.clear();
            for (Map.Entry<String, Rule> entry : named.entrySet()) {
                long length = shortest(entry.getValue());
                if (length < namedLengths.getOrDefault(entry.getKey(), NO_TEXT)) {
                    namedLengths.put(entry.getKey(), length);
                    changed = true;
                    lengths.clear();
                }
            }
        }
        lengths.clear();
    }
}
