package dev.fovea.data;

import java.nio.ByteBuffer;

/**
 * Just enough of Thrift's compact protocol to look at the page headers of a Parquet file: whole numbers of a struct by field, all else
 * passed over. Bytes that are no such struct throw {@link IllegalArgumentException} or {@link java.nio.BufferUnderflowException}.
 */
final class Thrift {

    private static final int DEEPEST = 16;

    private final ByteBuffer in;

    Thrift(ByteBuffer in) {
        this.in = in;
    }

    /** What is done with a field: it reads the value, or gives false to have it passed over. */
    interface Field {
        boolean read(int id, int type);
    }

    static final int I32 = 5;
    static final int STRUCT = 12;

    void struct(Field field) {
        struct(field, 0);
    }

    int i32() {
        long v = varint();
        return (int) (v >>> 1 ^ -(v & 1));
    }

    private void struct(Field field, int depth) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("structs lie more than %d deep".formatted(DEEPEST));
        }
        int id = 0;
        while (true) {
            int head = in.get() & 0xff;
            if (head == 0) {
                return;
            }
            int type = head & 15;
            id = head >> 4 == 0 ? i32() : id + (head >> 4);
            if (!field.read(id, type)) {
                skip(type, depth);
            }
        }
    }

    private void skip(int type, int depth) {
        switch (type) {
            case 1, 2 -> {} // booleans are in the type
            case 3 -> in.get();
            case 4, 5, 6 -> varint();
            case 7 -> in.getLong();
            case 8 -> {
                long length = varint();
                if (length < 0 || length > in.remaining()) {
                    throw new IllegalArgumentException("a string of %d bytes".formatted(length));
                }
                in.position(in.position() + (int) length);
            }
            case 9, 10 -> list(depth);
            case STRUCT -> struct((_, _) -> false, depth + 1);
            default -> throw new IllegalArgumentException("a field of type " + type);
        }
    }

    private void list(int depth) {
        int head = in.get() & 0xff;
        long count = head >> 4 == 15 ? varint() : head >> 4;
        int type = head & 15;
        if (count < 0 || count > in.remaining() || depth > DEEPEST) {
            throw new IllegalArgumentException("a list of " + count);
        }
        for (long i = 0; i < count; i++) {
            if (type == 1 || type == 2) {
                in.get(); // in a list a boolean is a byte
            } else {
                skip(type, depth + 1);
            }
        }
    }

    private long varint() {
        long v = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = in.get();
            v |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return v;
            }
        }
        throw new IllegalArgumentException("a number of more than 64 bits");
    }
}
