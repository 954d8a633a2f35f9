package dev.fovea.generate.json;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One schema that says what several say together ({@code allOf}). Where one has alternatives, the others are put into each
 * of them.
 */
final class SchemaMerge {

    private static final List<String> ALTERNATIVES = List.of("anyOf", "oneOf");
    private static final Set<String> GREATER = Set.of("minItems", "minLength", "minimum", "exclusiveMinimum");
    private static final Set<String> SMALLER = Set.of("maxItems", "maxLength", "maximum", "exclusiveMaximum");

    private final UnaryOperator<JsonNode> resolve;

    /** Schemas that refer to others, which {@code resolve} finds; it leaves those alone that refer to none. */
    SchemaMerge(UnaryOperator<JsonNode> resolve) {
        this.resolve = resolve;
    }

    /** A schema with {@code allOf} and perhaps more beside it. */
    JsonNode merged(JsonNode schema) {
        var parts = new ArrayList<ObjectNode>();
        flatten(schema, parts, new LinkedHashSet<>());
        for (String key : ALTERNATIVES) {
            for (int i = 0; i < parts.size(); i++) {
                if (parts.get(i).has(key)) {
                    return distributed(key, parts, i);
                }
            }
        }
        ObjectNode all = JsonMapper.shared().createObjectNode();
        for (ObjectNode part : parts) {
            part.forEachEntry((keyword, value) -> add(all, keyword, value));
        }
        parts.forEach(part -> close(all, part));
        return all;
    }

    private void flatten(JsonNode schema, List<ObjectNode> parts, Set<JsonNode> outer) {
        JsonNode own = resolve.apply(schema);
        if (own.isBoolean() && own.asBoolean()) {
            return;
        }
        if (!(own instanceof ObjectNode object) || !outer.add(own)) {
            throw new IllegalArgumentException("allOf holds %s".formatted(own.isObject() ? "itself" : own));
        }
        ObjectNode alone = object.deepCopy();
        alone.remove("allOf");
        if (!alone.isEmpty()) {
            parts.add(alone);
        }
        own.path("allOf").forEach(part -> flatten(part, parts, outer));
        outer.remove(own);
    }

    /** (A or B) and C is (A and C) or (B and C). */
    private static JsonNode distributed(String key, List<ObjectNode> parts, int at) {
        ObjectNode all = JsonMapper.shared().createObjectNode();
        ArrayNode choices = all.putArray(key);
        for (JsonNode choice : parts.get(at).get(key)) {
            ArrayNode together = choices.addObject().putArray("allOf");
            for (int i = 0; i < parts.size(); i++) {
                ObjectNode rest = parts.get(i).deepCopy();
                if (i == at) {
                    rest.remove(key);
                }
                together.add(rest);
            }
            together.add(choice);
        }
        return all;
    }

    private static void add(ObjectNode all, String keyword, JsonNode value) {
        JsonNode before = all.get(keyword);
        if (keyword.equals("const")) {
            add(all, "enum", JsonMapper.shared().createArrayNode().add(value));
        } else if (before == null || before.equals(value)) {
            all.set(keyword, value.deepCopy());
        } else if (GREATER.contains(keyword) || SMALLER.contains(keyword)) {
            boolean greater = value.decimalValue().compareTo(before.decimalValue()) > 0;
            all.set(keyword, greater == GREATER.contains(keyword) ? value : before);
        } else {
            all.set(keyword, both(keyword, before, value));
        }
    }

    private static JsonNode both(String keyword, JsonNode before, JsonNode value) {
        return switch (keyword) {
            case "type" -> types(before, value);
            case "enum" -> common(before, value);
            case "required" -> {
                ArrayNode names = before.deepCopy().asArray();
                value.forEach(names::add);
                yield names;
            }
            case "properties" -> {
                ObjectNode members = ((ObjectNode) before).deepCopy();
                value.forEachEntry((name, member) ->
                        members.set(name, members.has(name) ? together(members.get(name), member) : member));
                yield members;
            }
            case "items" -> together(before, value);
            case "additionalProperties" -> {
                if (before.isBoolean() && value.isBoolean()) {
                    yield JsonMapper.shared().getNodeFactory().booleanNode(before.asBoolean() && value.asBoolean());
                }
                throw new IllegalArgumentException("additionalProperties of two schemas are not supported in allOf");
            }
            case "title", "description", "default", "examples", "$comment", "$schema", "$id" -> before;
            default ->
                throw new IllegalArgumentException("%s of two schemas is not supported in allOf".formatted(keyword));
        };
    }

    private static JsonNode together(JsonNode a, JsonNode b) {
        ObjectNode both = JsonMapper.shared().createObjectNode();
        both.putArray("allOf").add(a).add(b);
        return both;
    }

    private static JsonNode types(JsonNode a, JsonNode b) {
        ArrayNode types = JsonMapper.shared().createArrayNode();
        for (JsonNode x : a.isArray() ? a : List.of(a)) {
            for (JsonNode y : b.isArray() ? b : List.of(b)) {
                String one = x.asString("");
                String other = y.asString("");
                if (one.equals(other) || (one.equals("integer") && other.equals("number"))) {
                    types.add(one);
                } else if (one.equals("number") && other.equals("integer")) {
                    types.add(other);
                }
            }
        }
        if (types.isEmpty()) {
            throw new IllegalArgumentException("no value is both %s and %s".formatted(a, b));
        }
        return types;
    }

    private static JsonNode common(JsonNode a, JsonNode b) {
        ArrayNode values = JsonMapper.shared().createArrayNode();
        a.forEach(value -> {
            if (b.valueStream().anyMatch(value::equals)) {
                values.add(value);
            }
        });
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no value is among both %s and %s".formatted(a, b));
        }
        return values;
    }

    /** A part that forbids further members forbids those that the other parts name. */
    private static void close(ObjectNode all, ObjectNode part) {
        JsonNode others = part.path("additionalProperties");
        if (others.isMissingNode() || (others.isBoolean() && others.asBoolean())) {
            return;
        }
        var foreign = new ArrayList<String>();
        for (String name : all.path("properties").propertyNames()) {
            if (!part.path("properties").has(name)) {
                foreign.add(name);
            }
        }
        for (String name : foreign) {
            if (!others.isBoolean()) {
                throw new IllegalArgumentException(
                        "additionalProperties with a schema beside %s of another".formatted(name));
            }
            if (all.path("required").valueStream().anyMatch(x -> x.asString("").equals(name))) {
                throw new IllegalArgumentException(
                        "%s is required, and additionalProperties forbids it".formatted(name));
            }
            ((ObjectNode) all.get("properties")).remove(name);
        }
    }
}
