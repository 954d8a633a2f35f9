package dev.fovea.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * NumPy's npz files: a zip of npy arrays. Stored entries stay in the mapped file, deflated ones are inflated into
 * native memory; every CRC is checked. Two-byte void records are read as bfloat16, since NumPy writes that type so.
 * Pickled objects are refused, as are zip bombs: more than {@value #BOMB_BYTES} bytes that are more than
 * {@value #BOMB_RATIO} times the file.
 */
public final class NpzFile {

    static final long BOMB_BYTES = 256L << 20;
    static final long BOMB_RATIO = 100;

    private static final long CHUNK = 1L << 30;
    private static final String SUFFIX = ".npy";

    private NpzFile() {}

    /** All arrays by name, in the order of the file. */
    public static SequencedMap<String, StoredTensor> read(Path path) {
        return read(path, _ -> true);
    }

    /** The arrays whose name is wanted; the others are neither inflated nor checked. */
    public static SequencedMap<String, StoredTensor> read(Path path, Predicate<String> wanted) {
        return read(path, Mapping.of(path), wanted);
    }

    static SequencedMap<String, StoredTensor> read(Path path, MemorySegment file, Predicate<String> wanted) {
        List<ZipDirectory.Entry> entries = ZipDirectory.read(path, file).stream()
                .filter(entry -> wanted.test(name(path, entry)))
                .toList();
        long total = 0;
        for (ZipDirectory.Entry entry : entries) {
            total += entry.deflated() ? entry.size() : 0;
            if (total > BOMB_BYTES && total / BOMB_RATIO > file.byteSize()) {
                throw BadFile.of(
                        path,
                        "%s: inflates to %d bytes or more from a file of %d: refused as a zip bomb"
                                .formatted(entry.name(), total, file.byteSize()));
            }
        }
        var tensors = new LinkedHashMap<String, StoredTensor>();
        for (ZipDirectory.Entry entry : entries) {
            try {
                String name = name(path, entry);
                tensors.put(name, entry.deflated() ? inflated(name, entry) : stored(name, entry));
            } catch (IllegalArgumentException | DataFormatException e) {
                throw BadFile.of(path, "%s: %s".formatted(entry.name(), e.getMessage()));
            }
        }
        return tensors;
    }

    /** One array of a npy file. */
    static StoredTensor readNpy(Path path) {
        MemorySegment file = Mapping.of(path);
        try {
            NpyHeader header = NpyHeader.read(prefix(file));
            checkSize(header, file.byteSize());
            return NpyArray.of(
                    String.valueOf(path.getFileName()), header, file.asSlice(header.length(), header.dataBytes()));
        } catch (IllegalArgumentException e) {
            throw BadFile.of(path, String.valueOf(e.getMessage()));
        }
    }

    private static String name(Path path, ZipDirectory.Entry entry) {
        if (!entry.name().endsWith(SUFFIX)) {
            throw BadFile.of(path, entry.name() + ": not an npy array, its name does not end in " + SUFFIX);
        }
        return entry.name().substring(0, entry.name().length() - SUFFIX.length());
    }

    private static StoredTensor stored(String name, ZipDirectory.Entry entry) {
        MemorySegment data = entry.data();
        NpyHeader header = NpyHeader.read(prefix(data));
        checkSize(header, entry.size());
        var crc = new CRC32();
        update(crc, data);
        checkCrc(crc, entry);
        return NpyArray.of(name, header, data.asSlice(header.length(), header.dataBytes()));
    }

    private static StoredTensor inflated(String name, ZipDirectory.Entry entry) throws DataFormatException {
        try (var inflater = new Inflation(entry.data())) {
            byte[] start = inflater.next((int) Math.min(entry.size(), NpyHeader.MAX_BYTES));
            NpyHeader header = NpyHeader.read(start);
            checkSize(header, entry.size());
            MemorySegment data = NpyArray.allocate(header.dataBytes());
            int have = start.length - header.length();
            MemorySegment.copy(start, header.length(), data, JAVA_BYTE, 0, have);
            inflater.fill(data.asSlice(have));
            inflater.checkEnd();
            var crc = new CRC32();
            crc.update(start, 0, header.length());
            update(crc, data);
            checkCrc(crc, entry);
            return NpyArray.of(name, header, data);
        }
    }

    private static byte[] prefix(MemorySegment data) {
        return data.asSlice(0, Math.min(data.byteSize(), NpyHeader.MAX_BYTES)).toArray(JAVA_BYTE);
    }

    private static void checkSize(NpyHeader header, long size) {
        if (header.length() + header.dataBytes() != size) {
            throw new IllegalArgumentException("%s %s takes %d bytes after a header of %d, the array has %d"
                    .formatted(
                            header.dtype(),
                            Arrays.toString(header.shape()),
                            header.dataBytes(),
                            header.length(),
                            size));
        }
    }

    static void checkCrc(CRC32 crc, ZipDirectory.Entry entry) {
        if ((int) crc.getValue() != entry.crc()) {
            throw new IllegalArgumentException(
                    "damaged: CRC %08x, the directory says %08x".formatted((int) crc.getValue(), entry.crc()));
        }
    }

    static void update(CRC32 crc, MemorySegment data) {
        for (long at = 0; at < data.byteSize(); at += CHUNK) {
            crc.update(chunk(data, at));
        }
    }

    private static ByteBuffer chunk(MemorySegment data, long at) {
        return data.asSlice(at, Math.min(CHUNK, data.byteSize() - at)).asByteBuffer();
    }

    /** Raw deflate data of any size, inflated piece by piece. */
    private static final class Inflation implements AutoCloseable {

        private final MemorySegment input;
        private final Inflater inflater = new Inflater(true);
        private long fed;

        Inflation(MemorySegment input) {
            this.input = input;
        }

        byte[] next(int count) throws DataFormatException {
            var bytes = new byte[count];
            fill(MemorySegment.ofArray(bytes));
            return bytes;
        }

        void fill(MemorySegment output) throws DataFormatException {
            for (long at = 0; at < output.byteSize(); at += CHUNK) {
                ByteBuffer out = chunk(output, at);
                while (out.hasRemaining()) {
                    feed();
                    if (inflater.inflate(out) == 0 && (inflater.finished() || fed == input.byteSize())) {
                        throw new IllegalArgumentException("ends %d bytes before its stated size"
                                .formatted(output.byteSize() - at - out.position()));
                    }
                }
            }
        }

        void checkEnd() throws DataFormatException {
            var more = new byte[1];
            int found = 0;
            while (!inflater.finished() && found == 0) {
                boolean all = fed == input.byteSize() && inflater.needsInput();
                feed();
                found = inflater.inflate(more);
                if (found == 0 && all) {
                    break;
                }
            }
            if (found > 0 || !inflater.finished() || inflater.getRemaining() > 0 || fed < input.byteSize()) {
                throw new IllegalArgumentException("its deflated data does not end at its stated size");
            }
        }

        private void feed() {
            if (inflater.needsInput() && fed < input.byteSize()) {
                ByteBuffer in = chunk(input, fed);
                fed += in.remaining();
                inflater.setInput(in);
            }
        }

        @Override
        public void close() {
            inflater.end();
        }
    }
}
