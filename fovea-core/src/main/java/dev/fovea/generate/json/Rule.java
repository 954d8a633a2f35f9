package dev.fovea.generate.json;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A set of texts, made by {@link Rules}: two that were made alike are one object. */
final class Rule {

    /** What a rule is made of. */
    sealed interface Form {}

    /** No text at all. */
    record Never() implements Form {}

    /** The empty text. */
    record Empty() implements Form {}

    /** One code point out of ranges {@code from, to, from, to ...}, in order and apart from each other. */
    record Chars(List<Integer> ranges) implements Form {}

    /** One text and then another. */
    record Then(Rule first, Rule second) implements Form {}

    /** Any of several texts. */
    record Either(List<Rule> choices) implements Form {}

    /** So many texts; {@code max} is {@link Integer#MAX_VALUE} for no limit. */
    record Repeat(Rule one, int min, int max) implements Form {}

    /** A rule by its name, which may be defined later. */
    record Named(String name) implements Form {}

    private static final int ASCII = 128;

    final Form form;
    private final @Nullable Rule[] derived = new Rule[ASCII];

    Rule(Form form) {
        this.form = form;
    }

    @Nullable
    Rule known(int c) {
        return c < ASCII ? derived[c] : null;
    }

    void keep(int c, Rule rule) {
        if (c < ASCII) {
            derived[c] = rule;
        }
    }

    @Override
    public String toString() {
        return form.toString();
    }
}
