package dev.fovea.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Hugging Face's sharded checkpoints: an index of which file holds which tensor. */
final class Shards {

    static final String INDEX = "model.safetensors.index.json";

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(16).build())
                    .build())
            .build();

    private Shards() {}

    static Weights open(Path index) {
        Map<String, String> fileOf = readIndex(index);
        var tensors = new LinkedHashMap<String, StoredTensor>();
        var metadata = new TreeMap<String, String>();
        for (String name : new TreeSet<>(fileOf.values())) {
            Path path = index.resolveSibling(name);
            if (!Files.isRegularFile(path)) {
                throw BadFile.of(index, "names the shard %s, which is not beside it".formatted(name));
            }
            try (var shard = SafetensorsFile.open(path)) {
                for (StoredTensor tensor : shard.tensors().values()) {
                    String wanted = fileOf.get(tensor.name());
                    if (!name.equals(wanted)) {
                        throw BadFile.of(
                                path,
                                "holds %s, which the index %s"
                                        .formatted(
                                                tensor.name(),
                                                wanted == null ? "does not list" : "says is in " + wanted));
                    }
                    tensors.put(tensor.name(), tensor);
                }
                metadata.putAll(shard.metadata());
            }
        }
        for (Map.Entry<String, String> entry : fileOf.entrySet()) {
            if (!tensors.containsKey(entry.getKey())) {
                throw BadFile.of(
                        index,
                        "says that %s is in %s, which has no such tensor".formatted(entry.getKey(), entry.getValue()));
            }
        }
        return new Weights(index, Weights.Kind.SHARDED_SAFETENSORS, tensors, metadata);
    }

    static void write(
            Path folder, SequencedMap<String, Tensor> tensors, Map<String, String> metadata, long maxShardBytes) {
        if (maxShardBytes < 1) {
            throw new IllegalArgumentException("maxShardBytes: found %d, wanted at least 1".formatted(maxShardBytes));
        }
        var shards = new ArrayList<SequencedMap<String, Tensor>>();
        long total = 0;
        long room = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            long bytes = EngineTypes.of(entry.getKey(), entry.getValue())
                    .bytes(entry.getValue().numel());
            if (shards.isEmpty() || bytes > room) {
                shards.add(new LinkedHashMap<>());
                room = maxShardBytes;
            }
            shards.getLast().put(entry.getKey(), entry.getValue());
            room -= bytes;
            total += bytes;
        }
        boolean single = shards.size() < 2;
        Path other = folder.resolve(single ? INDEX : Checkpoints.MODEL);
        if (Files.exists(other)) {
            throw new IllegalArgumentException(
                    other + " is there already, a model written beside it would be ambiguous; remove it first");
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw BadFile.of(folder, e);
        }
        if (single) {
            Checkpoints.write(folder.resolve(Checkpoints.MODEL), tensors, metadata);
            return;
        }
        var fileOf = new TreeMap<String, String>();
        for (int i = 0; i < shards.size(); i++) {
            String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
            Checkpoints.write(folder.resolve(name), shards.get(i), metadata);
            shards.get(i).keySet().forEach(tensor -> fileOf.put(tensor, name));
        }
        ObjectNode index = JSON.createObjectNode();
        index.putObject("metadata").put("total_size", total);
        ObjectNode map = index.putObject("weight_map");
        fileOf.forEach(map::put);
        byte[] text = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(index);
        AtomicFiles.write(folder.resolve(INDEX), channel -> AtomicFiles.writeAll(channel, ByteBuffer.wrap(text)));
    }

    private static Map<String, String> readIndex(Path index) {
        JsonNode map;
        try {
            if (Files.size(index) > SafetensorsHeader.MAX_BYTES) {
                throw BadFile.of(
                        index, "%d bytes, the limit is %d".formatted(Files.size(index), SafetensorsHeader.MAX_BYTES));
            }
            map = JSON.readTree(Files.readAllBytes(index)).path("weight_map");
        } catch (JacksonException e) {
            throw BadFile.of(index, e.getOriginalMessage());
        } catch (IOException e) {
            throw BadFile.of(index, e);
        }
        if (!map.isObject()) {
            throw BadFile.of(index, "no weight_map object");
        }
        var fileOf = new LinkedHashMap<String, String>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            JsonNode file = entry.getValue();
            if (!file.isString() || !file.stringValue().matches("[\\w.][\\w.-]*\\.safetensors")) {
                throw BadFile.of(
                        index,
                        "weight_map.%s: %s, wanted the name of a .safetensors file beside the index"
                                .formatted(entry.getKey(), file));
            }
            fileOf.put(entry.getKey(), file.stringValue());
        }
        return fileOf;
    }
}
