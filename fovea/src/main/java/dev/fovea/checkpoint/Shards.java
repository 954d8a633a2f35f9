package dev.fovea.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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
