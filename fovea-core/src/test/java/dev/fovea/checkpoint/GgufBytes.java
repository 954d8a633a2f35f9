package dev.fovea.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Writes small GGUF files for tests, entry by entry. */
public final class GgufBytes {

    private final ByteArrayOutputStream keys = new ByteArrayOutputStream();
    private final ByteArrayOutputStream tensors = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private int numKeys;
    private int numTensors;

    private static byte[] little(int size, long value) {
        return Arrays.copyOf(
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(value)
                        .array(),
                size);
    }

    private static void string(ByteArrayOutputStream to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        to.writeBytes(little(8, bytes.length));
        to.writeBytes(bytes);
    }

    private GgufBytes key(String key, int type) {
        string(keys, key);
        keys.writeBytes(little(4, type));
        numKeys++;
        return this;
    }

    public GgufBytes put(String key, String value) {
        key(key, 8);
        string(keys, value);
        return this;
    }

    public GgufBytes put(String key, int value) {
        key(key, 4).keys.writeBytes(little(4, value));
        return this;
    }

    public GgufBytes put(String key, boolean value) {
        key(key, 7).keys.write(value ? 1 : 0);
        return this;
    }

    public GgufBytes strings(String key, List<String> values) {
        key(key, 9).keys.writeBytes(little(4, 8));
        keys.writeBytes(little(8, values.size()));
        values.forEach(value -> string(keys, value));
        return this;
    }

    public GgufBytes floats(String key, float... values) {
        key(key, 9).keys.writeBytes(little(4, 6));
        keys.writeBytes(little(8, values.length));
        for (float value : values) {
            keys.writeBytes(little(4, Float.floatToRawIntBits(value)));
        }
        return this;
    }

    public GgufBytes ints(String key, int... values) {
        key(key, 9).keys.writeBytes(little(4, 5));
        keys.writeBytes(little(8, values.length));
        for (int value : values) {
            keys.writeBytes(little(4, value));
        }
        return this;
    }

    /** A tensor; the shape innermost first, as in the file. */
    public GgufBytes tensor(String name, int type, byte[] values, long... shape) {
        string(tensors, name);
        tensors.writeBytes(little(4, shape.length));
        for (long size : shape) {
            tensors.writeBytes(little(8, size));
        }
        tensors.writeBytes(little(4, type));
        tensors.writeBytes(little(8, data.size()));
        data.writeBytes(values);
        data.writeBytes(new byte[-data.size() & 31]);
        numTensors++;
        return this;
    }

    public byte[] toBytes() {
        var file = new ByteArrayOutputStream();
        file.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        file.writeBytes(little(4, 3));
        file.writeBytes(little(8, numTensors));
        file.writeBytes(little(8, numKeys));
        file.writeBytes(keys.toByteArray());
        file.writeBytes(tensors.toByteArray());
        file.writeBytes(new byte[-file.size() & 31]);
        file.writeBytes(data.toByteArray());
        return file.toByteArray();
    }
}
