package dev.fovea.cli;

import dev.fovea.text.Tool;
import dev.fovea.text.ToolCall;
import dev.fovea.text.ToolPrompt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The functions that a model may call, where some are given. */
final class ToolsOption {

    @Option(
            names = "--tools",
            paramLabel = "FILE",
            description = {
                "functions that the model may call: a JSON list of objects with name, description and parameters (a JSON Schema),"
                        + " also each as the value of a key \"function\""
            })
    private @Nullable Path file;

    private @Nullable List<Tool> tools;

    boolean given() {
        return file != null;
    }

    /** The system's words: the description of the functions before {@code own}. */
    @Nullable
    String system(@Nullable String own) {
        if (tools().isEmpty()) {
            return own;
        }
        return ToolPrompt.instructions(tools()) + (own == null ? "" : "\n\n" + own);
    }

    /** The calls that an answer makes; empty where it is words. */
    List<ToolCall> calls(String answer) {
        return ToolPrompt.parse(answer, tools());
    }

    private List<Tool> tools() {
        if (tools == null) {
            tools = file == null ? List.of() : read(file);
        }
        return tools;
    }

    private static List<Tool> read(Path file) {
        JsonNode json = JsonFile.read(file);
        if (!json.isArray() || json.isEmpty()) {
            throw new Failure("%s: found %s, wanted a list of functions"
                    .formatted(file, json.isArray() ? "an empty list" : json.getNodeType()));
        }
        var tools = new ArrayList<Tool>();
        for (JsonNode entry : json) {
            JsonNode function = entry.path("function").isObject() ? entry.path("function") : entry;
            String name = function.path("name").asString("");
            JsonNode parameters = function.path("parameters");
            if (name.isBlank() || !(parameters.isObject() || parameters.isMissingNode())) {
                throw new Failure("%s: function %d: wanted a name, and parameters that are an object, found %s"
                        .formatted(file, tools.size(), entry));
            }
            if (tools.stream().anyMatch(tool -> tool.name().equals(name))) {
                throw new Failure("%s: function %d: there is another %s".formatted(file, tools.size(), name));
            }
            tools.add(new Tool(
                    name,
                    function.path("description").asString(""),
                    parameters.isObject() ? parameters : JsonMapper.shared().createObjectNode()));
        }
        return tools;
    }
}
