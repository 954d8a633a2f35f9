package dev.fovea.generate.json;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/**
 * Whether two schemas can be told apart: no value fits both, as {@code oneOf} asks. What is not seen here is taken for not
 * so.
 *
 * @param resolve finds what a schema refers to, and what {@code allOf} makes of it
 */
record SchemaApart(UnaryOperator<JsonNode> resolve) {

    private static final int DEPTH = 16;

    boolean apart(JsonNode a, JsonNode b) {
        return apart(a, b, DEPTH);
    }

    private boolean apart(JsonNode first, JsonNode second, int depth) {
        if (depth == 0) {
            return false;
        }
        JsonNode a = resolve.apply(first);
        JsonNode b = resolve.apply(second);
        for (String key : List.of("anyOf", "oneOf")) {
            if (a.has(key)) {
                return a.get(key).valueStream().allMatch(choice -> apart(choice, b, depth - 1));
            }
            if (b.has(key)) {
                return apart(b, a, depth);
            }
        }
        List<JsonNode> values = values(a);
        if (!values.isEmpty()) {
            List<JsonNode> others = values(b);
            Set<String> types = types(b);
            return values.stream()
                    .noneMatch(value -> others.isEmpty()
                            ? types.isEmpty() || types.stream().anyMatch(type -> JsonSchema.fits(value, type))
                            : others.stream().anyMatch(value::equals));
        }
        if (!values(b).isEmpty()) {
            return apart(b, a, depth);
        }
        Set<String> common = types(a);
        Set<String> others = types(b);
        if (common.isEmpty() || others.isEmpty()) {
            return false;
        }
        common.retainAll(others);
        return common.isEmpty()
                || (common.equals(Set.of("object"))
                        && (forbids(a, b) || forbids(b, a) || differsInAMember(a, b, depth)));
    }

    private boolean differsInAMember(JsonNode a, JsonNode b, int depth) {
        Set<String> names = required(a);
        names.retainAll(required(b));
        return names.stream()
                .anyMatch(name -> a.path("properties").has(name)
                        && b.path("properties").has(name)
                        && apart(
                                a.path("properties").get(name),
                                b.path("properties").get(name),
                                depth - 1));
    }

    /** Whether one has no place for a member that the other must have. */
    private static boolean forbids(JsonNode a, JsonNode b) {
        JsonNode others = a.path("additionalProperties");
        return others.isBoolean()
                && !others.asBoolean()
                && required(b).stream().anyMatch(name -> !a.path("properties").has(name));
    }

    private static Set<String> required(JsonNode schema) {
        var names = new LinkedHashSet<String>();
        schema.path("required").forEach(name -> names.add(name.asString("")));
        return names;
    }

    private static List<JsonNode> values(JsonNode schema) {
        return schema.has("const")
                ? List.of(schema.get("const"))
                : schema.path("enum").valueStream().toList();
    }

    /** The types that a schema names, a number's with that of whole ones; none where it names none. */
    private static Set<String> types(JsonNode schema) {
        var types = new LinkedHashSet<String>();
        JsonNode named = schema.path("type");
        (named.isArray() ? named : named.isMissingNode() ? List.<JsonNode>of() : List.of(named))
                .forEach(type -> types.add(type.asString("")));
        if (types.contains("number")) {
            types.add("integer");
        }
        return types;
    }
}
