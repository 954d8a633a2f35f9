package dev.fovea.text;

import java.util.Arrays;

/**
 * Decodes ids as they come, without ever giving out half a character: what ends in a replacement character may be the
 * beginning of one, and waits for the next id or for {@link #finish}.
 *
 * <p>The pieces put together are what {@link Tokenizer#decode} makes of all ids. (One exception: a run of byte tokens that
 * is broken after whole characters, where a converted {@code tokenizer.json} takes back those characters too; here they
 * have been given out.)
 */
public final class TextStream {

    private static final char REPLACEMENT = '\ufffd';
    /** So many ids are decoded again at most once their text is out. */
    private static final int WINDOW = 16;

    private final Tokenizer tokenizer;
    private int[] ids = new int[2 * WINDOW];
    private int size;
    private int given;

    /** A stream of one answer. */
    public TextStream(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The characters that {@code id} completes, often none. */
    public String add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size++] = id;
        String text = text();
        int end = text.length();
        while (end > given
                && (text.charAt(end - 1) == REPLACEMENT || Character.isHighSurrogate(text.charAt(end - 1)))) {
            end--;
        }
        String fresh = text.substring(Math.min(given, end), end);
        given = Math.max(given, end);
        if (end == text.length()) {
            forget();
        }
        return fresh;
    }

    /** What was waiting, now that nothing follows. */
    public String finish() {
        String text = text();
        String rest = text.substring(Math.min(given, text.length()));
        size = 0;
        given = 0;
        return rest;
    }

    private String text() {
        return tokenizer.decode(Arrays.copyOf(ids, size));
    }

    /** Leaves one id of text, so that the next is not decoded as the first, whose blank some vocabularies drop. */
    private void forget() {
        if (size < WINDOW) {
            return;
        }
        int last = ids[size - 1];
        String text = tokenizer.decode(last);
        if (!text.isEmpty() && text.charAt(text.length() - 1) != REPLACEMENT) {
            ids[0] = last;
            size = 1;
            given = text.length();
        }
    }
}
