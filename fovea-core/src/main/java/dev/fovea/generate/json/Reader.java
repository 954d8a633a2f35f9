package dev.fovea.generate.json;

import org.jspecify.annotations.Nullable;

/**
 * A grammar after some bytes of UTF-8.
 *
 * @param rule what may follow
 * @param value bits of a character whose last bytes are missing
 * @param missing how many bytes it lacks, 0 between characters
 * @param least the smallest code point that its first byte may begin
 */
record Reader(Rule rule, int value, int missing, int least) {

    static Reader at(Rule rule) {
        return new Reader(rule, 0, 0, 0);
    }

    /** After one more byte; null where no text of the grammar has it here. */
    @Nullable
    Reader read(byte next, Rules rules) {
        int b = next & 0xFF;
        if (missing > 0) {
            return (b & 0xC0) == 0x80 ? go(rules, value << 6 | (b & 0x3F), missing - 1, least) : null;
        }
        if (b < 0x80) {
            return go(rules, b, 0, 0);
        }
        if (b < 0xC2 || b > 0xF4) {
            return null;
        }
        return b < 0xE0
                ? go(rules, b & 0x1F, 1, 0x80)
                : b < 0xF0 ? go(rules, b & 0x0F, 2, 0x800) : go(rules, b & 0x07, 3, 0x10000);
    }

    private @Nullable Reader go(Rules rules, int value, int missing, int least) {
        if (missing == 0) {
            Rule rest = rules.derive(rule, value);
            return rest == rules.never ? null : at(rest);
        }
        int from = Math.max(least, value << (6 * missing));
        int to = (value << (6 * missing)) | ((1 << (6 * missing)) - 1);
        return from <= to && rules.mayBegin(rule, from, to) ? new Reader(rule, value, missing, least) : null;
    }

    /** Whether the text may end here. */
    boolean mayEnd(Rules rules) {
        return missing == 0 && rules.isNullable(rule);
    }

    /** The fewest bytes with which the text ends. */
    long shortest(Rules rules) {
        return missing + rules.shortest(rule); // the character that is begun is counted, a little too much
    }
}
