package dev.fovea.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes MessagePack, as much of it as the sharded checkpoints use. */
final class MsgpackBytes {

    record Ext(int type, byte[] data) {}

    /** Stands for nothing. */
    record Nil() {}

    private MsgpackBytes() {}

    static byte[] of(Object value) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            write(out, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Object value) throws IOException {
        switch (value) {
            case Nil _ -> out.writeByte(0xc0);
            case Boolean b -> out.writeByte(b ? 0xc3 : 0xc2);
            case Integer i -> {
                out.writeByte(0xd2);
                out.writeInt(i);
            }
            case String s -> {
                byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
                out.writeByte(0xdb);
                out.writeInt(utf8.length);
                out.write(utf8);
            }
            case byte[] b -> {
                out.writeByte(0xc6);
                out.writeInt(b.length);
                out.write(b);
            }
            case Ext e -> {
                out.writeByte(0xc9);
                out.writeInt(e.data.length);
                out.writeByte(e.type);
                out.write(e.data);
            }
            case List<?> list -> {
                out.writeByte(0xdd);
                out.writeInt(list.size());
                for (Object one : list) {
                    write(out, one);
                }
            }
            case Map<?, ?> map -> {
                out.writeByte(0xdf);
                out.writeInt(map.size());
                for (var entry : map.entrySet()) {
                    write(out, entry.getKey());
                    write(out, entry.getValue());
                }
            }
            default -> throw new IllegalArgumentException(value.toString());
        }
    }
}
