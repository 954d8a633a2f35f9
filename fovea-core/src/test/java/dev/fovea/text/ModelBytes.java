package dev.fovea.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Writes {@code .model} files, as the trainer does. */
final class ModelBytes {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static byte[] of(SentencePieceModel model) {
        var file = new ModelBytes();
        for (SentencePieceModel.Piece piece : model.pieces()) {
            file.message(
                    1,
                    new ModelBytes()
                            .bytes(1, piece.text().getBytes(UTF_8))
                            .float32(2, piece.score())
                            .integer(3, piece.type().number()));
        }
        var s = model.segmentation();
        file.message(
                2,
                new ModelBytes()
                        .integer(3, s.algorithm() == SentencePieceModel.Algorithm.UNIGRAM ? 1 : 2)
                        .integer(24, s.whitespaceAsSuffix() ? 1 : 0)
                        .integer(35, s.byteFallback() ? 1 : 0)
                        .bytes(44, s.unkSurface().getBytes(UTF_8)));
        var n = model.normalization();
        file.message(
                3,
                new ModelBytes()
                        .bytes(1, "identity".getBytes(UTF_8))
                        .bytes(2, n.charsmap())
                        .integer(3, n.addDummyPrefix() ? 1 : 0)
                        .integer(4, n.removeExtraWhitespaces() ? 1 : 0)
                        .integer(5, n.escapeWhitespaces() ? 1 : 0));
        return file.out.toByteArray();
    }

    /** Fields that nobody asks for, of every wire type. */
    static byte[] unknownFields() {
        var f = new ModelBytes().integer(200, 7).float32(201, 1).bytes(202, new byte[300]);
        f.varint(203 << 3 | 1);
        f.out.writeBytes(new byte[8]);
        return f.out.toByteArray();
    }

    static byte[] concat(List<byte[]> parts) {
        var all = new ByteArrayOutputStream();
        parts.forEach(all::writeBytes);
        return all.toByteArray();
    }

    private ModelBytes message(int field, ModelBytes message) {
        return bytes(field, message.out.toByteArray());
    }

    private ModelBytes bytes(int field, byte[] value) {
        varint(field << 3 | 2);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private ModelBytes integer(int field, int value) {
        varint(field << 3);
        varint(value);
        return this;
    }

    private ModelBytes float32(int field, float value) {
        varint(field << 3 | 5);
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .array());
        return this;
    }

    private void varint(int value) {
        int rest = value;
        while (rest >= 0x80) {
            out.write(rest | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }
}
