package dev.fovea.image;

import java.io.IOException;
import java.util.HexFormat;

/** Bounded reads from a file's bytes. */
final class Bytes {

    private Bytes() {}

    static int u8(byte[] b, int at) throws IOException {
        need(b, at, 1);
        return b[at] & 0xff;
    }

    static int u16be(byte[] b, int at) throws IOException {
        need(b, at, 2);
        return ((b[at] & 0xff) << 8) | (b[at + 1] & 0xff);
    }

    static int u16le(byte[] b, int at) throws IOException {
        need(b, at, 2);
        return ((b[at + 1] & 0xff) << 8) | (b[at] & 0xff);
    }

    static int u24le(byte[] b, int at) throws IOException {
        return u16le(b, at) | (u8(b, at + 2) << 16);
    }

    static int i32be(byte[] b, int at) throws IOException {
        return (u16be(b, at) << 16) | u16be(b, at + 2);
    }

    static int i32le(byte[] b, int at) throws IOException {
        return u16le(b, at) | (u16le(b, at + 2) << 16);
    }

    static String hex(byte[] b, int from, int to) {
        return HexFormat.ofDelimiter(" ").formatHex(b, from, to);
    }

    private static void need(byte[] b, int at, int count) throws IOException {
        if (at < 0 || at > b.length - count) {
            throw new IOException(
                    "truncated: ends at byte %d, wanted %d more".formatted(b.length, at + count - b.length));
        }
    }
}
