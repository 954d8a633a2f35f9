package dev.fovea.cli;

import dev.fovea.generate.GenerationConfig;
import dev.fovea.models.gemma.GemmaJson;
import dev.fovea.models.gemma.GemmaModel;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The schema that answers keep to, where one is given. */
final class JsonSchemaOption {

    @Option(
            names = "--json-schema",
            paramLabel = "FILE",
            description = "make every answer JSON of this schema, whole within --max-tokens")
    private @Nullable Path schema;

    /** What makes the rules of an answer those of one that keeps to the schema. */
    UnaryOperator<GenerationConfig> grammar(GemmaModel model) {
        if (schema == null) {
            return UnaryOperator.identity();
        }
        JsonNode json = JsonFile.read(schema);
        var tokens = new GemmaJson(model);
        return config -> tokens.constrain(config, json);
    }
}
