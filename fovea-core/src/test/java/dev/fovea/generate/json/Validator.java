package dev.fovea.generate.json;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The supported keywords of JSON Schema, checked on a value as the specification says and not as the grammar is built. */
final class Validator {

    private Validator() {}

    static List<String> errors(JsonNode schema, JsonNode value, JsonNode root) {
        var errors = new ArrayList<String>();
        if (schema.isBoolean()) {
            return schema.asBoolean() ? errors : List.of("false");
        }
        if (schema.has("$ref")) {
            String target = schema.get("$ref").asString();
            errors.addAll(errors(target.equals("#") ? root : root.at(target.substring(1)), value, root));
        }
        if (schema.has("anyOf")
                && schema.get("anyOf").valueStream().noneMatch(s -> errors(s, value, root)
                        .isEmpty())) {
            errors.add("anyOf");
        }
        schema.path("allOf").forEach(s -> errors.addAll(errors(s, value, root)));
        if (schema.has("oneOf")
                && schema.get("oneOf")
                                .valueStream()
                                .filter(s -> errors(s, value, root).isEmpty())
                                .count()
                        != 1) {
            errors.add("oneOf");
        }
        if (value.isNumber()) {
            BigDecimal x = value.decimalValue();
            check(!schema.has("minimum") || x.compareTo(schema.get("minimum").decimalValue()) >= 0, "minimum", errors);
            check(!schema.has("maximum") || x.compareTo(schema.get("maximum").decimalValue()) <= 0, "maximum", errors);
            check(
                    !schema.has("exclusiveMinimum")
                            || x.compareTo(schema.get("exclusiveMinimum").decimalValue()) > 0,
                    "exclusiveMinimum",
                    errors);
            check(
                    !schema.has("exclusiveMaximum")
                            || x.compareTo(schema.get("exclusiveMaximum").decimalValue()) < 0,
                    "exclusiveMaximum",
                    errors);
        }
        if (schema.has("const") && !schema.get("const").equals(value)) {
            errors.add("const");
        }
        if (schema.has("enum") && schema.get("enum").valueStream().noneMatch(value::equals)) {
            errors.add("enum");
        }
        if (schema.has("type")) {
            JsonNode type = schema.get("type");
            if (type.isArray()
                    ? type.valueStream().noneMatch(t -> is(t.asString(), value))
                    : !is(type.asString(), value)) {
                errors.add("type");
            }
        }
        if (value.isString()) {
            int length = value.asString().codePointCount(0, value.asString().length());
            check(length >= schema.path("minLength").asInt(0), "minLength", errors);
            check(length <= schema.path("maxLength").asInt(Integer.MAX_VALUE), "maxLength", errors);
            check(
                    Pattern.compile(schema.path("pattern").asString(""))
                            .matcher(value.asString())
                            .find(),
                    "pattern",
                    errors);
            check(hasFormat(schema.path("format").asString(""), value.asString()), "format", errors);
        }
        if (value.isArray()) {
            check(value.size() >= schema.path("minItems").asInt(0), "minItems", errors);
            check(value.size() <= schema.path("maxItems").asInt(Integer.MAX_VALUE), "maxItems", errors);
            if (schema.has("items")) {
                value.forEach(item -> errors.addAll(errors(schema.get("items"), item, root)));
            }
        }
        if (value.isObject()) {
            schema.path("required").forEach(name -> check(value.has(name.asString()), "required " + name, errors));
            value.forEachEntry((name, member) -> {
                JsonNode own = schema.path("properties").path(name);
                JsonNode other = own.isMissingNode() ? schema.path("additionalProperties") : own;
                if (!other.isMissingNode()) {
                    errors.addAll(errors(other, member, root));
                }
            });
        }
        return errors;
    }

    private static void check(boolean holds, String what, List<String> errors) {
        if (!holds) {
            errors.add(what);
        }
    }

    private static boolean hasFormat(String format, String text) {
        return switch (format) {
            case "date" -> LocalDate.parse(text).toString().equals(text);
            case "date-time" -> OffsetDateTime.parse(text) != null;
            case "ipv4" -> text.split("\\.").length == 4;
            default -> true;
        };
    }

    private static boolean is(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "number" -> value.isNumber();
            case "integer" -> value.isIntegralNumber();
            case "boolean" -> value.isBoolean();
            default -> value.isNull();
        };
    }
}
