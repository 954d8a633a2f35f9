package dev.fovea.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads one protobuf message field by field: {@code while (next()) switch (field()) ...}. What is not asked for is skipped. */
final class WireReader {

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final ByteBuffer in;
    private final int start;
    private int field;
    private int wireType;
    private boolean unread;

    WireReader(byte[] message) {
        this(ByteBuffer.wrap(message), 0);
    }

    private WireReader(ByteBuffer message, int start) {
        this.in = message.order(ByteOrder.LITTLE_ENDIAN);
        this.start = start;
    }

    /** Moves to the next field; false at the end of the message. */
    boolean next() {
        if (unread) {
            skip();
        }
        if (!in.hasRemaining()) {
            return false;
        }
        long tag = varint();
        field = (int) (tag >>> 3);
        wireType = (int) tag & 7;
        if (tag >>> 32 != 0 || field == 0) {
            throw broken("no field tag");
        }
        unread = true;
        return true;
    }

    int field() {
        return field;
    }

    boolean bool() {
        return integer() != 0;
    }

    int integer() {
        expect(VARINT);
        return (int) varint();
    }

    float float32() {
        expect(FIXED32);
        need(4);
        return in.getFloat();
    }

    byte[] bytes() {
        expect(BYTES);
        var value = new byte[length()];
        in.get(value);
        return value;
    }

    WireReader message() {
        expect(BYTES);
        int length = length();
        int at = in.position();
        in.position(at + length);
        return new WireReader(in.slice(at, length), start + at);
    }

    private void skip() {
        unread = false;
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> advance(8);
            case BYTES -> advance(length());
            case FIXED32 -> advance(4);
            default -> throw broken("wire type %d".formatted(wireType));
        }
    }

    private void advance(int count) {
        need(count);
        in.position(in.position() + count);
    }

    private void expect(int type) {
        if (wireType != type) {
            throw broken("field %d has wire type %d, wanted %d".formatted(field, wireType, type));
        }
        unread = false;
    }

    private int length() {
        long length = varint();
        if (length < 0 || length > in.remaining()) {
            throw broken("field %d wants %s bytes, %d are left"
                    .formatted(field, Long.toUnsignedString(length), in.remaining()));
        }
        return (int) length;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            need(1);
            byte b = in.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw broken("an integer longer than 64 bits");
    }

    private void need(int count) {
        if (in.remaining() < count) {
            throw broken("the message ends inside field %d".formatted(field));
        }
    }

    private IllegalArgumentException broken(String what) {
        return new IllegalArgumentException("%s at byte %d".formatted(what, start + in.position()));
    }
}
