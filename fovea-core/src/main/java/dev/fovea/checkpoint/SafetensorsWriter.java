package dev.fovea.checkpoint;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes safetensors as the reference writer does: widest types first, then by name, the header padded with spaces to
 * 8 bytes.
 */
final class SafetensorsWriter {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long CHUNK = 1L << 30;

    private record Entry(String name, Tensor tensor, DType dtype, long begin, long end) {}

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, String> metadata;

    SafetensorsWriter(Map<String, Tensor> tensors, Map<String, String> metadata) {
        this.metadata = new TreeMap<>(metadata);
        this.metadata.putIfAbsent("format", "pt"); // transformers refuses files without
        record Named(String name, Tensor tensor, DType dtype) {}
        List<Named> sorted = tensors.entrySet().stream()
                .map(e -> new Named(e.getKey(), e.getValue(), EngineTypes.of(e.getKey(), e.getValue())))
                .sorted(Comparator.comparing(Named::dtype, Comparator.reverseOrder())
                        .thenComparing(Named::name))
                .toList();
        long end = 0;
        for (Named x : sorted) {
            if (x.name().equals("__metadata__")) {
                throw new IllegalArgumentException("__metadata__ cannot be a tensor's name");
            }
            long begin = end;
            end += x.dtype().bytes(x.tensor().numel());
            entries.add(new Entry(x.name(), x.tensor(), x.dtype(), begin, end));
        }
    }

    void writeTo(WritableByteChannel channel) throws IOException {
        byte[] header = header();
        int padding = -header.length & 7;
        ByteBuffer start = ByteBuffer.allocate(8 + header.length + padding).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(header.length + padding)
                .put(header)
                .put(" ".repeat(padding).getBytes(StandardCharsets.UTF_8));
        AtomicFiles.writeAll(channel, start.flip());
        for (Entry entry : entries) {
            try (var _ = new Scope()) {
                Tensor x = entry.tensor().detach().cpu().contiguous();
                long size = entry.end() - entry.begin();
                if (size > 0) {
                    MemorySegment data = MemorySegment.ofAddress(
                                    Tensors.address(x).address())
                            .reinterpret(size);
                    for (long at = 0; at < size; at += CHUNK) {
                        AtomicFiles.writeAll(
                                channel,
                                data.asSlice(at, Math.min(CHUNK, size - at)).asByteBuffer());
                    }
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
            node.put("dtype", entry.dtype().name());
            var shape = node.putArray("shape");
            for (long size : Tensors.shape(entry.tensor())) {
                shape.add(size);
            }
            node.putArray("data_offsets").add(entry.begin()).add(entry.end());
        }
        return JSON.writeValueAsBytes(header);
    }
}
