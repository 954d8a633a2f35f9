package dev.fovea.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is in a checkpoint, as {@code fovea inspect} shows it.
 *
 * @param path the file, or the index of shards
 * @param totals by type, in the order of {@link DType}
 * @param metadata of the files
 * @param documents JSON files beside it that describe the model or the run, by name
 */
public record Summary(
        Path path,
        Weights.Kind kind,
        List<Row> tensors,
        Map<DType, Total> totals,
        Map<String, String> metadata,
        SequencedMap<String, JsonNode> documents) {

    private static final List<String> DOCUMENTS =
            List.of("config.json", "preprocessor_config.json", "generation_config.json", "state.json");

    /** One tensor. */
    public record Row(String name, DType dtype, List<Long> shape, long bytes) {}

    /** All tensors of one type. */
    public record Total(long tensors, long elements, long bytes) {

        Total plus(StoredTensor x) {
            return new Total(
                    tensors + 1, elements + x.elements(), bytes + x.data().byteSize());
        }
    }

    /** Opens a checkpoint as {@link Checkpoints#open} does and sums it up. */
    public static Summary of(Path path) {
        try (Weights weights = Checkpoints.open(path)) {
            Map<DType, Total> totals = new EnumMap<>(DType.class);
            for (StoredTensor x : weights.tensors().values()) {
                totals.put(
                        x.dtype(),
                        totals.getOrDefault(x.dtype(), new Total(0, 0, 0)).plus(x));
            }
            List<Row> rows = weights.tensors().values().stream()
                    .map(x -> new Row(
                            x.name(),
                            x.dtype(),
                            Arrays.stream(x.shape()).boxed().toList(),
                            x.data().byteSize()))
                    .toList();
            return new Summary(
                    weights.path(), weights.kind(), rows, totals, weights.metadata(), documents(weights.path()));
        }
    }

    /** Number of values. */
    public long elements() {
        return totals.values().stream().mapToLong(Total::elements).sum();
    }

    /** Size of all tensors. */
    public long bytes() {
        return totals.values().stream().mapToLong(Total::bytes).sum();
    }

    private static SequencedMap<String, JsonNode> documents(Path path) {
        var found = new LinkedHashMap<String, JsonNode>();
        for (String name : DOCUMENTS) {
            Path file = path.toAbsolutePath().resolveSibling(name);
            if (Files.isRegularFile(file)) {
                try {
                    found.put(name, JsonMapper.shared().readTree(Files.readAllBytes(file)));
                } catch (JacksonException e) {
                    throw BadFile.of(file, e.getOriginalMessage());
                } catch (IOException e) {
                    throw BadFile.of(file, e);
                }
            }
        }
        return found;
    }
}
