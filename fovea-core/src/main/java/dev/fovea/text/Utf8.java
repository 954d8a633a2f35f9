package dev.fovea.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** UTF-8 as SentencePiece sees it. */
final class Utf8 {

    /** U+FFFD. */
    static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

    private Utf8() {}

    /** The bytes of {@code text}; a surrogate without its partner becomes U+FFFD. */
    static byte[] encode(String text) {
        if (!hasSurrogates(text)) {
            return text.getBytes(StandardCharsets.UTF_8); // most texts: no encoder of their own
        }
        var encoder = StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .replaceWith(REPLACEMENT);
        try {
            ByteBuffer encoded = encoder.encode(CharBuffer.wrap(text));
            var bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new AssertionError("an encoder that replaces does not report", e);
        }
    }

    private static boolean hasSurrogates(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** Length of the character that begins with {@code first}, by that byte alone. */
    static int lengthByFirst(byte first) {
        int high = (first & 0xFF) >> 4;
        return high < 0xC ? 1 : high < 0xE ? 2 : high == 0xE ? 3 : 4;
    }

    /** Length of the well-formed character at {@code from}, or 0 where there is none before {@code to}. */
    static int validLength(byte[] bytes, int from, int to) {
        int first = bytes[from] & 0xFF;
        if (first < 0x80) {
            return 1;
        }
        int length = first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 0;
        if (length == 0 || from + length > to) {
            return 0;
        }
        int point = first & (0xFF >> (length + 1));
        for (int i = 1; i < length; i++) {
            int next = bytes[from + i] & 0xFF;
            if ((next & 0xC0) != 0x80) {
                return 0;
            }
            point = point << 6 | (next & 0x3F);
        }
        boolean valid =
                switch (length) {
                    case 2 -> point >= 0x80;
                    case 3 -> point >= 0x800 && (point < 0xD800 || point > 0xDFFF);
                    default -> point >= 0x10000 && point <= 0x10FFFF;
                };
        return valid ? length : 0;
    }
}
