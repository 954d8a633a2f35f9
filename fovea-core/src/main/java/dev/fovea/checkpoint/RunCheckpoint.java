package dev.fovea.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One whole checkpoint of a run, every file of which has been checked against its checksum.
 *
 * @param step the step it was taken after
 * @param folder its folder, which can be opened as a model too
 * @param state what the run said about itself
 */
public record RunCheckpoint(long step, Path folder, JsonNode state) {

    static final String STATE = "state.json";
    static final String CHECKSUMS = "checksums.json";

    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * Checks and reads the checkpoint in {@code folder}.
     *
     * @throws java.io.UncheckedIOException when a file of it is missing or damaged
     */
    public static RunCheckpoint open(Path folder) {
        Path checksums = folder.resolve(CHECKSUMS);
        JsonNode node = readJson(checksums);
        JsonNode step = node.path("step");
        JsonNode files = node.path("files");
        if (!step.isIntegralNumber() || !files.path(STATE).isObject()) {
            throw BadFile.of(checksums, "no step, or no checksum of " + STATE);
        }
        for (Map.Entry<String, JsonNode> entry : files.properties()) {
            if (!entry.getKey().matches("[\\w.-]+")) {
                throw BadFile.of(checksums, "refused file name '%s'".formatted(entry.getKey()));
            }
            check(folder.resolve(entry.getKey()), entry.getValue());
        }
        return new RunCheckpoint(step.longValue(), folder, readJson(folder.resolve(STATE)));
    }

    /** Opens one of its parts, such as {@code model} or {@code optimizer}. */
    public Weights part(String name) {
        return Checkpoints.open(folder.resolve(name + ".safetensors"));
    }

    static ObjectNode checksums(long step, Map<String, Checksum> sums) {
        ObjectNode node = JSON.createObjectNode();
        node.put("step", step);
        ObjectNode files = node.putObject("files");
        sums.forEach((name, sum) ->
                files.putObject(name).put("bytes", sum.bytes()).put("crc32c", "%08x".formatted(sum.crc32c())));
        return node;
    }

    private static void check(Path file, JsonNode wanted) {
        try {
            if (!Files.isRegularFile(file)) {
                throw BadFile.of(file, "missing");
            }
            long bytes = wanted.path("bytes").asLong(-1);
            if (Files.size(file) != bytes) {
                throw BadFile.of(file, "damaged: %d bytes, wanted %d".formatted(Files.size(file), bytes));
            }
            String crc = "%08x".formatted(Checksum.of(file).crc32c());
            if (!crc.equals(wanted.path("crc32c").asString(""))) {
                throw BadFile.of(file, "damaged: its checksum differs");
            }
        } catch (IOException e) {
            throw BadFile.of(file, e);
        }
    }

    private static JsonNode readJson(Path file) {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw BadFile.of(file, "damaged: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw BadFile.of(file, e);
        }
    }
}
