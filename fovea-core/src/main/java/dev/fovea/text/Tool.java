package dev.fovea.text;

import tools.jackson.databind.JsonNode;

/**
 * A function that a model may ask for.
 *
 * @param parameters JSON Schema of its arguments, an object
 */
public record Tool(String name, String description, JsonNode parameters) {}
