package dev.fovea.text;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The tables of a {@link MergesTokenizer} in a file beside its {@code tokenizer.json}, so that a start copies them and does not
 * make them again. The file names the {@code tokenizer.json} that it was made of by length and checksum; beside another one it is as
 * if it were not there. All numbers are little-endian:
 *
 * <pre>
 * "FOVEATOK", version (int)
 * length (long) and CRC-32C (int) of the tokenizer.json, CRC-32C of all that follows (int)
 * pieces: their number, number of slots, bytes (ints); slots (longs), ends (ints), bytes
 * merges: their number, number of slots (ints); slots, unions, middles (ints)
 * number of added tokens (int), and of each the id, 1 where it is special, the length (ints), the bytes
 * </pre>
 */
final class MergesTables {

    private static final byte[] MAGIC = "FOVEATOK".getBytes(US_ASCII);
    private static final int VERSION = 1;
    private static final int HEADER = MAGIC.length + 4 + 8 + 4 + 4;

    private MergesTables() {}

    private static Path beside(Path json) {
        return json.resolveSibling("tokenizer.tables");
    }

    /** Writes the file that belongs to a {@code tokenizer.json}; it appears whole or not at all. */
    static void write(Path json, MergesTokenizer tokenizer) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(HEADER + tokenizer.tableBytes()).order(ByteOrder.LITTLE_ENDIAN);
        out.position(HEADER);
        tokenizer.writeTables(out);
        out.flip();
        int crc = crc(out.slice(HEADER, out.limit() - HEADER));
        out.put(MAGIC).putInt(VERSION).putLong(Files.size(json)).putInt(crc(map(json)));
        out.putInt(crc).rewind();
        Path part = json.resolveSibling("tokenizer.tables.part");
        try (FileChannel file = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            while (out.hasRemaining()) {
                file.write(out);
            }
        }
        Files.move(part, beside(json), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * The tokenizer of the file beside a {@code tokenizer.json}; nothing where there is none, or one that was made of another
     * {@code tokenizer.json} or by another version.
     *
     * @throws IllegalArgumentException where the file is damaged
     */
    static Optional<MergesTokenizer> read(Path json) throws IOException {
        Path file = beside(json);
        if (!Files.exists(file) || !Files.exists(json)) {
            return Optional.empty();
        }
        ByteBuffer in = map(file);
        if (in.remaining() < HEADER || !Arrays.equals(bytes(in, MAGIC.length), MAGIC)) {
            throw damaged(file, "it does not begin as one");
        }
        if (in.getInt() != VERSION || in.getLong() != Files.size(json) || in.getInt() != crc(map(json))) {
            return Optional.empty();
        }
        if (in.getInt() != crc(in.slice())) {
            throw damaged(file, "its checksum is another");
        }
        return Optional.of(MergesTokenizer.ofTables(in));
    }

    private static IllegalArgumentException damaged(Path file, String how) {
        return new IllegalArgumentException(
                "%s: no tables of a tokenizer, %s; without the file tokenizer.json is read".formatted(file, how));
    }

    private static ByteBuffer map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(MapMode.READ_ONLY, 0, channel.size()).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static int crc(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    static void put(ByteBuffer out, int[] values, int count) {
        out.asIntBuffer().put(values, 0, count);
        out.position(out.position() + Integer.BYTES * count);
    }

    static int[] ints(ByteBuffer in, int count) {
        var values = new int[count];
        in.asIntBuffer().get(values);
        in.position(in.position() + Integer.BYTES * count);
        return values;
    }

    static byte[] bytes(ByteBuffer in, int count) {
        var values = new byte[count];
        in.get(values);
        return values;
    }
}
