package dev.fovea.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/** Where the samples of an uncompressed tar file lie. */
final class TarIndex {

    private final Path file;
    private final List<Sample> samples;

    private record Place(long offset, int size) {}

    private record Sample(String key, Map<String, Place> parts) {}

    private TarIndex(Path file, List<Sample> samples) {
        this.file = file;
        this.samples = samples;
    }

    static TarIndex read(Path file) {
        long length = DataFiles.size(file);
        TarMember.checkEnd(file);
        List<Sample> samples = new ArrayList<>();
        long end = 0;
        try (TarFile tar = new TarFile(file)) {
            for (TarArchiveEntry entry : tar.getEntries()) {
                TarMember member = TarMember.of(file, entry);
                end = Math.max(end, entry.getDataOffset() + entry.getSize());
                if (end > length) {
                    throw DataFiles.broken(
                            file,
                            "entry %s ends at byte %d, the file at %d; it is cut short"
                                    .formatted(entry.getName(), end, length));
                }
                if (member != null) {
                    add(file, samples, member, entry.getDataOffset());
                }
            }
        } catch (IOException | IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            throw DataFiles.broken(file, "not a sound tar file: " + e.getMessage());
        }
        if (samples.isEmpty()) {
            throw DataFiles.broken(file, "no samples in it, wanted files named key.jpg, key.json, ...");
        }
        return new TarIndex(file, samples);
    }

    private static void add(Path file, List<Sample> samples, TarMember member, long offset) {
        if (samples.isEmpty() || !samples.getLast().key.equals(member.key())) {
            samples.add(new Sample(member.key(), new LinkedHashMap<>()));
        }
        if (samples.getLast().parts.put(member.part(), new Place(offset, member.size())) != null) {
            throw DataFiles.broken(file, "two entries named %s.%s".formatted(member.key(), member.part()));
        }
    }

    int size() {
        return samples.size();
    }

    WebSample get(int index) {
        Sample sample = samples.get(index);
        Map<String, byte[]> parts = new LinkedHashMap<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (Map.Entry<String, Place> part : sample.parts.entrySet()) {
                parts.put(part.getKey(), read(channel, part.getValue()));
            }
        } catch (IOException e) {
            throw DataFiles.failed(file, e);
        }
        return new WebSample(sample.key, file.toString(), parts);
    }

    private byte[] read(FileChannel channel, Place place) throws IOException {
        var buffer = ByteBuffer.allocate(place.size);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, place.offset + buffer.position()) < 0) {
                throw DataFiles.broken(
                        file, "ends before byte %d; it has become shorter".formatted(place.offset + place.size));
            }
        }
        return buffer.array();
    }
}
