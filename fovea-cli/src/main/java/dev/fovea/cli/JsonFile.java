package dev.fovea.cli;

import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A file of JSON that the user gave. */
final class JsonFile {

    private JsonFile() {}

    static JsonNode read(Path file) {
        try {
            return JsonMapper.shared().readTree(file.toFile());
        } catch (JacksonException e) {
            throw new Failure("%s: cannot be read as JSON: %s".formatted(file, e.getOriginalMessage()));
        }
    }
}
