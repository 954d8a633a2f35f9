package dev.fovea.image;

import java.io.IOException;

/** The compression of GIF: codes of growing width, lowest bits first. */
final class Lzw {

    private static final int MAX_CODES = 4096;

    private Lzw() {}

    /** Exactly {@code count} values; fewer in the data are an error. */
    static byte[] decode(byte[] data, int codeSize, int count) throws IOException {
        if (codeSize < 1 || codeSize > 8) {
            throw new IOException("GIF has codes of %d bits, wanted 1 to 8".formatted(codeSize));
        }
        if (count > (long) data.length * MAX_CODES) {
            throw new IOException(
                    "GIF announces %d pixels, too many for %d bytes of data".formatted(count, data.length));
        }
        int clear = 1 << codeSize;
        var prefix = new int[MAX_CODES];
        var last = new byte[MAX_CODES];
        var length = new int[MAX_CODES];
        for (int i = 0; i < clear; i++) {
            last[i] = (byte) i;
            length[i] = 1;
        }
        var out = new byte[count];
        int filled = 0;
        int next = clear + 2;
        int width = codeSize + 1;
        int previous = -1;
        long bits = 0;
        int held = 0;
        int at = 0;
        while (filled < count) {
            while (held < width && at < data.length) {
                bits |= (data[at++] & 0xffL) << held;
                held += 8;
            }
            int code = (int) bits & ((1 << width) - 1);
            if (held < width || code == clear + 1) {
                throw new IOException("truncated: GIF data ends after %d of %d pixels".formatted(filled, count));
            }
            bits >>>= width;
            held -= width;
            if (code == clear) {
                next = clear + 2;
                width = codeSize + 1;
                previous = -1;
                continue;
            }
            if (code > next || (code == next && previous < 0) || (previous < 0 && code >= clear)) {
                throw new IOException(
                        "damaged GIF: code %d after %d pixels, the table has %d".formatted(code, filled, next));
            }
            if (previous >= 0 && next < MAX_CODES) {
                prefix[next] = previous;
                length[next] = length[previous] + 1;
                last[next] = first(code == next ? previous : code, prefix, last, length);
                next++;
                if (next == 1 << width && width < 12) {
                    width++;
                }
            }
            write(code, prefix, last, length, out, filled);
            filled = (int) Math.min(count, (long) filled + length[code]);
            previous = code;
        }
        return out;
    }

    private static byte first(int code, int[] prefix, byte[] last, int[] length) {
        int c = code;
        while (length[c] > 1) {
            c = prefix[c];
        }
        return last[c];
    }

    /** Back to front; what lies past the end of the picture is dropped. */
    private static void write(int code, int[] prefix, byte[] last, int[] length, byte[] out, int from) {
        int c = code;
        for (int i = from + length[code] - 1; i >= from; i--, c = prefix[c]) {
            if (i < out.length) {
                out[i] = last[c];
            }
        }
    }
}
