package dev.fovea.models.gemma;

import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON files of a published folder. */
final class JsonFile {

    private JsonFile() {}

    /** A file that must be there. */
    static JsonNode read(Path file) {
        try {
            return JsonMapper.shared().readTree(file.toFile());
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "%s: cannot be read as JSON: %s".formatted(file, e.getOriginalMessage()), e);
        }
    }

    /** A file that need not be there; an empty object then. */
    static JsonNode orEmpty(Path file) {
        return Files.exists(file) ? read(file) : JsonMapper.shared().createObjectNode();
    }
}
