package dev.fovea.generate.json;

import tools.jackson.databind.JsonNode;

/** What the parts of a schema refer to, and what several of them say together. */
record References(JsonNode whole) {

    private static final int LONGEST = 32;

    /** The part of this name, {@code #} or {@code #/...}. */
    JsonNode target(String name) {
        JsonNode schema = name.equals("#") ? whole : name.startsWith("#/") ? whole.at(name.substring(1)) : null;
        if (schema == null || schema.isMissingNode()) {
            throw new IllegalArgumentException("$ref %s leads nowhere in this schema".formatted(name));
        }
        return schema;
    }

    /** What a schema with {@code allOf} says in one. */
    JsonNode merged(JsonNode schema) {
        return new SchemaMerge(this::resolved).merged(schema);
    }

    /** The alternatives of {@code oneOf}, if none can be taken for another. */
    JsonNode requireApart(JsonNode choices) {
        var apart = new SchemaApart(schema -> {
            JsonNode found = resolved(schema);
            return found.has("allOf") ? merged(found) : found;
        });
        for (int i = 0; i < choices.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!apart.apart(choices.get(j), choices.get(i))) {
                    throw new IllegalArgumentException(
                            "oneOf: alternatives %d and %d cannot be told apart; anyOf takes both".formatted(j, i));
                }
            }
        }
        return choices;
    }

    private JsonNode resolved(JsonNode schema) {
        JsonNode at = schema;
        for (int i = 0; i < LONGEST && at.has("$ref"); i++) {
            at = target(at.get("$ref").asString());
        }
        return at;
    }
}
