package dev.fovea.text;

import dev.fovea.text.CharsMap.Rule;
import dev.fovea.text.SentencePieceModel.Normalization;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Prepares a text for cutting, as SentencePiece does: rewriting rules by longest match, blanks collapsed and trimmed,
 * a blank put in front, blanks written as U+2581. User-defined pieces pass unchanged.
 */
final class Normalizer {

    /** U+2581, which stands for a blank in pieces. */
    private static final byte[] SPACE = {(byte) 0xE2, (byte) 0x96, (byte) 0x81};

    private final @Nullable CharsMap rules;
    private final PieceTrie untouched;
    private final boolean dummyPrefix;
    private final boolean dummySuffix;
    private final boolean removeExtra;
    private final byte[] blank;

    Normalizer(SentencePieceModel model, PieceTrie untouched) {
        Normalization settings = model.normalization();
        boolean asSuffix = model.segmentation().whitespaceAsSuffix();
        this.rules = settings.charsmap().length == 0 ? null : CharsMap.parse(settings.charsmap());
        this.untouched = untouched;
        this.dummyPrefix = settings.addDummyPrefix() && !asSuffix;
        this.dummySuffix = settings.addDummyPrefix() && asSuffix;
        this.removeExtra = settings.removeExtraWhitespaces();
        this.blank = settings.escapeWhitespaces() ? SPACE : new byte[] {' '};
    }

    /** The rewriting of decoded text: rules and nothing else. */
    private Normalizer(byte[] rules) {
        this.rules = CharsMap.parse(rules);
        this.untouched = new PieceTrie();
        this.dummyPrefix = false;
        this.dummySuffix = false;
        this.removeExtra = false;
        this.blank = new byte[] {' '};
    }

    static Normalizer ofDecoded(byte[] rules) {
        return new Normalizer(rules);
    }

    byte[] normalize(byte[] text) {
        var out = new ByteArrayOutputStream(text.length * 3 / 2 + 8);
        int from = removeExtra ? skipLeadingBlanks(text) : 0;
        if (from == text.length) {
            return new byte[0];
        }
        if (dummyPrefix) {
            out.writeBytes(blank);
        }
        boolean afterBlank = removeExtra;
        while (from < text.length) {
            Rule rule = prefix(text, from);
            byte[] r = rule.replacement();
            int i = rule.from();
            while (afterBlank && i < rule.to() && r[i] == ' ') {
                i++;
            }
            if (i < rule.to()) {
                for (; i < rule.to(); i++) {
                    if (r[i] == ' ') {
                        out.writeBytes(blank);
                    } else {
                        out.write(r[i]);
                    }
                }
                afterBlank = r[rule.to() - 1] == ' ';
            }
            afterBlank &= removeExtra;
            from += rule.length();
        }
        byte[] normalized = removeExtra ? withoutTrailingBlanks(out.toByteArray()) : out.toByteArray();
        return dummySuffix ? concat(normalized, blank) : normalized;
    }

    private int skipLeadingBlanks(byte[] text) {
        int from = 0;
        while (from < text.length) {
            Rule rule = prefix(text, from);
            if (rule.to() - rule.from() != 1 || rule.replacement()[rule.from()] != ' ') {
                break;
            }
            from += rule.length();
        }
        return from;
    }

    private byte[] withoutTrailingBlanks(byte[] text) {
        int end = text.length;
        while (end >= blank.length && Arrays.equals(text, end - blank.length, end, blank, 0, blank.length)) {
            end -= blank.length;
        }
        return Arrays.copyOf(text, end);
    }

    /** What the next bytes become: themselves where they are a user-defined piece or no rule fits. */
    private Rule prefix(byte[] text, int from) {
        int length = untouched.longestPrefix(text, from);
        if (length == 0 && rules != null) {
            Rule rule = rules.longest(text, from);
            if (rule != null) {
                return rule;
            }
        }
        if (length == 0) {
            length = Utf8.validLength(text, from, text.length);
        }
        return length == 0
                ? new Rule(1, Utf8.REPLACEMENT, 0, Utf8.REPLACEMENT.length)
                : new Rule(length, text, from, from + length);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] c = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, c, a.length, b.length);
        return c;
    }
}
