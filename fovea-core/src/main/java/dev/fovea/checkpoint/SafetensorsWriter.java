package dev.fovea.checkpoint;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes safetensors as the reference writer does: widest types first, then by name, the header padded with spaces so that the data
 * begins at a multiple of 8 bytes, or of more.
 */
final class SafetensorsWriter {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long CHUNK = 1L << 30;
    private static final int ALIGNMENT = 8;

    private record Entry(String name, PlannedTensor tensor, long begin, long end) {}

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, String> metadata;
    private final int alignment;

    SafetensorsWriter(Map<String, Tensor> tensors, Map<String, String> metadata) {
        this(planned(tensors), metadata, ALIGNMENT);
    }

    SafetensorsWriter(Map<String, PlannedTensor> tensors, Map<String, String> metadata, int alignment) {
        this.alignment = alignment;
        this.metadata = new TreeMap<>(metadata);
        this.metadata.putIfAbsent("format", "pt"); // transformers refuses files without
        List<Map.Entry<String, PlannedTensor>> sorted = tensors.entrySet().stream()
                .sorted(Comparator.comparing(
                                (Map.Entry<String, PlannedTensor> x) ->
                                        x.getValue().dtype(),
                                Comparator.reverseOrder())
                        .thenComparing(Map.Entry::getKey))
                .toList();
        long end = 0;
        for (Map.Entry<String, PlannedTensor> x : sorted) {
            if (x.getKey().equals("__metadata__")) {
                throw new IllegalArgumentException("__metadata__ cannot be a tensor's name");
            }
            long begin = end;
            end += x.getValue().bytes();
            entries.add(new Entry(x.getKey(), x.getValue(), begin, end));
        }
    }

    private static Map<String, PlannedTensor> planned(Map<String, Tensor> tensors) {
        var planned = new LinkedHashMap<String, PlannedTensor>();
        tensors.forEach((name, x) -> planned.put(name, planned(name, x)));
        return planned;
    }

    static PlannedTensor planned(String name, Tensor x) {
        return new PlannedTensor(
                EngineTypes.of(name, x),
                Tensors.shape(x),
                _ -> Tensors.segment(x.detach().cpu().contiguous()));
    }

    void writeTo(WritableByteChannel channel) throws IOException {
        byte[] header = header();
        int padding = Math.floorMod(-8 - header.length, alignment);
        ByteBuffer start = ByteBuffer.allocate(8 + header.length + padding).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(header.length + padding)
                .put(header)
                .put(" ".repeat(padding).getBytes(StandardCharsets.UTF_8));
        AtomicFiles.writeAll(channel, start.flip());
        for (Entry entry : entries) {
            long size = entry.end() - entry.begin();
            if (size == 0) {
                continue;
            }
            try (var _ = new Scope();
                    Arena arena = Arena.ofShared()) {
                MemorySegment data = entry.tensor().data().apply(arena);
                if (data.byteSize() != size) {
                    throw new IllegalStateException(
                            "%s: %d bytes, planned were %d".formatted(entry.name(), data.byteSize(), size));
                }
                for (long at = 0; at < size; at += CHUNK) {
                    AtomicFiles.writeAll(
                            channel,
                            data.asSlice(at, Math.min(CHUNK, size - at)).asByteBuffer());
                }
            }
        }
    }

    private byte[] header() {
        ObjectNode header = JSON.createObjectNode();
        ObjectNode meta = header.putObject("__metadata__");
        metadata.forEach(meta::put);
        for (Entry entry : entries) {
            ObjectNode node = header.putObject(entry.name());
            node.put("dtype", entry.tensor().dtype().name());
            var shape = node.putArray("shape");
            for (long size : entry.tensor().shape()) {
                shape.add(size);
            }
            node.putArray("data_offsets").add(entry.begin()).add(entry.end());
        }
        return JSON.writeValueAsBytes(header);
    }
}
