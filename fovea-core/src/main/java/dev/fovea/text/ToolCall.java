package dev.fovea.text;

import tools.jackson.databind.JsonNode;

/**
 * A function that a model asks for.
 *
 * @param arguments a JSON object
 */
public record ToolCall(String name, JsonNode arguments) {}
