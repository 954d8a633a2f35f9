package dev.fovea.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Walks a JSON text (RFC 8259) that is too large to be made into a tree: a published {@code tokenizer.json} of 33 MB is
 * most of what a start reads. A general reader (Jackson's stream) takes 0.6 to 0.9 seconds for that in a fresh process, where
 * nothing is compiled, this 0.1. It goes forward alone, by what is expected; what is not there is a
 * {@link MalformedException}.
 */
final class JsonScanner {

    /** The text is no JSON, or has something else in that place. */
    static final class MalformedException extends IOException {

        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    private static final int END = -1;
    private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
    private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};

    private final InputStream in;
    private final byte[] block = new byte[1 << 16];
    private int at;
    private int limit;
    /** The string read last, in UTF-8; strings that are read together stand one after another. */
    private byte[] string = new byte[256];

    private int length;

    JsonScanner(InputStream in) {
        this.in = in;
    }

    /** The bytes of what {@link #readString} and {@link #append} read; valid up to the next of them, {@link #length} are used. */
    byte[] string() {
        return string;
    }

    /** Number of bytes read. */
    int length() {
        return length;
    }

    /** The string read last. */
    String text() {
        return new String(string, 0, length, UTF_8);
    }

    /** The next byte that is no blank, left where it is; -1 at the end. */
    int peek() throws IOException {
        do {
            for (int i = at; i < limit; i++) {
                byte b = block[i];
                if (b > ' ' || (b != ' ' && b != '\n' && b != '\r' && b != '\t')) {
                    at = i;
                    return b & 0xFF;
                }
            }
        } while (fill());
        return END;
    }

    /** Passes one of the signs of the grammar. */
    void expect(char sign) throws IOException {
        int found = peek();
        if (found != sign) {
            throw new MalformedException(
                    found == END ? "the text ends before %s".formatted(sign) : "%c for %s".formatted(found, sign));
        }
        at++;
    }

    /** Passes a comma and says that there is more, or passes {@code close} and says that there is not. */
    boolean more(char close) throws IOException {
        if (peek() == ',') {
            at++;
            return true;
        }
        expect(close);
        return false;
    }

    /** Passes {@code open}, and {@code close} where it follows at once; whether there is something between. */
    boolean enter(char open, char close) throws IOException {
        expect(open);
        if (peek() == close) {
            at++;
            return false;
        }
        return true;
    }

    /** Reads a key and the colon behind it. */
    String key() throws IOException {
        readString();
        expect(':');
        return text();
    }

    /** Reads a string. */
    void readString() throws IOException {
        length = 0;
        append();
    }

    /** Reads a string and puts it behind the one read before. */
    void append() throws IOException {
        expect('"');
        int start = length;
        boolean ascii = true;
        while (true) {
            if (at == limit && !fill()) {
                throw new MalformedException("the text ends within a string");
            }
            int stop = Math.min(limit, at + string.length - length);
            int from = at;
            int to = length;
            byte b = 0;
            // what most strings are, and most of the time
            while (from < stop && (b = block[from]) != '"' && b != '\\' && (b >= ' ' || b < 0)) {
                string[to++] = b;
                ascii &= b >= 0;
                from++;
            }
            at = from;
            length = to;
            if (from == limit) {
                continue;
            }
            if (from == stop) {
                string = Arrays.copyOf(string, 2 * string.length);
                continue;
            }
            at++;
            if (b == '"') {
                break;
            }
            if (b != '\\') {
                throw new MalformedException("a control character within a string");
            }
            ascii &= escaped();
        }
        if (!ascii) {
            checkUtf8(start);
        }
    }

    /** Takes the only {@code sign} out of the string read last; where it was. */
    int cutOut(char sign) throws MalformedException {
        int place = -1;
        for (int i = 0; i < length; i++) {
            if (string[i] == sign) {
                if (place >= 0) {
                    throw new MalformedException("more than one blank");
                }
                place = i;
            }
        }
        if (place < 0) {
            throw new MalformedException("no blank");
        }
        System.arraycopy(string, place + 1, string, place, length - place - 1);
        length--;
        return place;
    }

    private void checkUtf8(int start) throws MalformedException {
        for (int i = start; i < length; ) {
            int character = Utf8.validLength(string, i, length);
            if (character == 0) {
                throw new MalformedException("a string that is not UTF-8");
            }
            i += character;
        }
    }

    /** What follows a backslash; whether it is ASCII. */
    private boolean escaped() throws IOException {
        int b = next();
        int point =
                switch (b) {
                    case '"', '\\', '/' -> b;
                    case 'b' -> '\b';
                    case 'f' -> '\f';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case 'u' -> hex();
                    default -> throw new MalformedException("an escape that JSON does not have");
                };
        if (Character.isHighSurrogate((char) point)) {
            if (next() != '\\' || next() != 'u') {
                throw new MalformedException("half a surrogate pair");
            }
            point = Character.toCodePoint((char) point, low());
        } else if (Character.isLowSurrogate((char) point)) {
            throw new MalformedException("half a surrogate pair");
        }
        for (byte part : Utf8.encode(Character.toString(point))) {
            put(part);
        }
        return point < 0x80;
    }

    private char low() throws IOException {
        int low = hex();
        if (!Character.isLowSurrogate((char) low)) {
            throw new MalformedException("half a surrogate pair");
        }
        return (char) low;
    }

    private int hex() throws IOException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(next(), 16);
            if (digit < 0) {
                throw new MalformedException("an escape that is not of four hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** Reads a number that is an int, not negative. */
    int integer() throws IOException {
        int digit = peek() - '0';
        if (digit < 0 || digit > 9) {
            throw new MalformedException("no whole number");
        }
        long value = 0;
        while (digit >= 0 && digit <= 9) {
            value = 10 * value + digit;
            if (value > Integer.MAX_VALUE) {
                throw new MalformedException("a number above %d".formatted(Integer.MAX_VALUE));
            }
            at++;
            digit = at == limit && !fill() ? -1 : block[at] - '0';
        }
        if (digit == '.' - '0' || digit == 'e' - '0' || digit == 'E' - '0') {
            throw new MalformedException("no whole number");
        }
        return (int) value;
    }

    /** Reads {@code true} or {@code false}. */
    boolean bool() throws IOException {
        byte[] word = value();
        if (Arrays.equals(word, TRUE)) {
            return true;
        }
        if (Arrays.equals(word, FALSE)) {
            return false;
        }
        throw new MalformedException("neither true nor false");
    }

    /** Reads a value of any kind as it is written; its end is found, whether it is JSON is not looked at. */
    byte[] value() throws IOException {
        length = 0;
        int depth = 0;
        boolean quoted = false;
        peek();
        while (at < limit || fill()) {
            byte b = block[at];
            if (!quoted && depth == 0 && length > 0 && (b == ',' || b == '}' || b == ']' || b <= ' ')) {
                break; // behind a number or a word
            }
            at++;
            put(b);
            if (quoted && b == '\\') {
                put((byte) next());
                continue;
            }
            if (b == '"') {
                quoted = !quoted;
            } else if (!quoted && (b == '{' || b == '[')) {
                depth++;
            } else if (!quoted && (b == '}' || b == ']')) {
                depth--;
            }
            if (depth == 0 && !quoted && (b == '"' || b == '}' || b == ']')) {
                break;
            }
        }
        return Arrays.copyOf(string, length);
    }

    private void put(byte b) {
        if (length == string.length) {
            string = Arrays.copyOf(string, 2 * string.length);
        }
        string[length++] = b;
    }

    private int next() throws IOException {
        if (at == limit && !fill()) {
            throw new MalformedException("the text ends within a string");
        }
        return block[at++];
    }

    private boolean fill() throws IOException {
        at = 0;
        limit = Math.max(0, in.read(block));
        return limit > 0;
    }
}
