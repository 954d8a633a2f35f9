package dev.fovea.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterOutputStream;

/** PNG files taken apart and put together again, checksums right. */
final class PngParts {

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    private PngParts() {}

    /** The file with other data under its pixels' compression. */
    static byte[] withData(byte[] png, UnaryOperator<byte[]> change) throws IOException {
        var packed = new ByteArrayOutputStream();
        var out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        ByteBuffer in = ByteBuffer.wrap(png).position(8);
        while (in.hasRemaining()) {
            int length = in.getInt();
            var type = new byte[4];
            var body = new byte[length];
            in.get(type).get(body).getInt();
            String name = new String(type, StandardCharsets.US_ASCII);
            if (name.equals("IDAT")) {
                packed.writeBytes(body);
            } else {
                if (name.equals("IEND")) {
                    out.writeBytes(chunk("IDAT", deflated(change.apply(inflated(packed.toByteArray())))));
                }
                out.writeBytes(chunk(name, body));
            }
        }
        return out.toByteArray();
    }

    /** A file of one header and one data chunk. */
    static byte[] file(int width, int height, int bits, int colourType, byte[] packed) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
        header.put((byte) bits).put((byte) colourType);
        out.writeBytes(chunk("IHDR", header.array()));
        out.writeBytes(chunk("IDAT", packed));
        out.writeBytes(chunk("IEND", new byte[0]));
        return out.toByteArray();
    }

    static byte[] chunk(String type, byte[] body) {
        ByteBuffer chunk = ByteBuffer.allocate(body.length + 12).putInt(body.length);
        chunk.put(type.getBytes(StandardCharsets.US_ASCII)).put(body);
        var crc = new CRC32();
        crc.update(chunk.array(), 4, body.length + 4);
        return chunk.putInt((int) crc.getValue()).array();
    }

    static byte[] deflated(byte[] raw) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(bytes)) {
            out.write(raw);
        }
        return bytes.toByteArray();
    }

    private static byte[] inflated(byte[] packed) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new InflaterOutputStream(bytes)) {
            out.write(packed);
        }
        return bytes.toByteArray();
    }
}
