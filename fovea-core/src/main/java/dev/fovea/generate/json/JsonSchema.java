package dev.fovea.generate.json;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON Schema as a grammar of texts, each of which is valid; where the schema leaves a choice that a grammar cannot or
 * need not follow, the texts are fewer: members come in the schema's order, and none that it does not name.
 *
 * <p>Supported: {@code type} (also a list), {@code enum}, {@code const}, {@code anyOf}, {@code oneOf} of alternatives that can be
 * told apart, {@code allOf}, {@code $ref} into the same schema,
 * also to itself; {@code properties}, {@code required}, {@code additionalProperties}; {@code items}, {@code minItems}, {@code
 * maxItems}; {@code minLength}, {@code maxLength}, {@code pattern}, {@code format} of date, time, date-time, uuid, ipv4 and
 * email; {@code minimum}, {@code maximum} and their exclusive twins. Every other keyword that restricts values is refused.
 */
public final class JsonSchema {

    private static final Set<String> ANNOTATIONS = Set.of(
            "title",
            "description",
            "default",
            "examples",
            "$schema",
            "$id",
            "$comment",
            "$defs",
            "definitions",
            "deprecated",
            "readOnly",
            "writeOnly",
            "strict");
    private static final Set<String> BOUNDS = Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum");
    private static final Map<String, Set<String>> KEYWORDS = Map.of(
            "object", Set.of("properties", "required", "additionalProperties"),
            "array", Set.of("items", "minItems", "maxItems"),
            "string", Set.of("minLength", "maxLength", "pattern", "format"),
            "number", BOUNDS,
            "integer", BOUNDS,
            "boolean", Set.of(),
            "null", Set.of());
    /** Places deeper than this are those of a schema that grows without end. */
    private static final int DEEPEST = 4000;

    final Rules rules = new Rules();
    final Rule root;
    private final JsonText json = new JsonText(rules);
    private final References references;
    private final Set<String> compiled = new HashSet<>();

    private JsonSchema(JsonNode schema) {
        this.references = new References(schema);
        // Vocabularies whose first piece of a text has a blank in front could not begin otherwise.
        this.root = rules.then(json.space, compile(schema, "#", new LinkedHashSet<>()));
        rules.settle();
        if (rules.shortest(root) >= Rules.NO_TEXT) {
            throw new IllegalArgumentException("schema: no value is finite, every one would hold another of its kind");
        }
    }

    /**
     * The grammar of a schema.
     *
     * @throws IllegalArgumentException for a keyword that is not supported, naming it and its place
     */
    public static JsonSchema of(JsonNode schema) {
        return new JsonSchema(schema);
    }

    /** Any JSON object. */
    public static JsonSchema anyObject() {
        return new JsonSchema(JsonMapper.shared().readTree("{\"type\": \"object\"}"));
    }

    /**
     * @param unguarded references that led here without a character in between
     */
    private Rule compile(JsonNode schema, String at, Set<String> unguarded) {
        if (schema.isBoolean() && schema.asBoolean()) {
            return json.any();
        }
        if (!schema.isObject()) {
            throw refused(at, "%s is no schema that a value can fit".formatted(schema));
        }
        if (at.length() > DEEPEST) {
            throw refused(at.substring(0, 80) + "...", "allOf leads into itself without end");
        }
        if (schema.has("allOf")) {
            return compile(told(at, () -> references.merged(schema)), at + "/allOf", unguarded);
        }
        for (String only : List.of("$ref", "anyOf", "oneOf", "const")) {
            if (schema.has(only)) {
                requireOnly(schema, at, Set.of(only));
                return switch (only) {
                    case "$ref" -> reference(schema.get(only).asString(), at, unguarded);
                    case "anyOf" -> anyOf(schema.get(only), at + "/anyOf/", unguarded);
                    case "oneOf" ->
                        anyOf(told(at, () -> references.requireApart(schema.get(only))), at + "/oneOf/", unguarded);
                    default -> json.constant(schema.get(only));
                };
            }
        }
        Set<String> types = types(schema, at);
        if (schema.has("enum")) {
            requireOnly(schema, at, Set.of("enum", "type"));
            return rules.either(schema.get("enum")
                    .valueStream()
                    .filter(value -> types.isEmpty() || types.stream().anyMatch(type -> fits(value, type)))
                    .map(json::constant)
                    .toList());
        }
        var allowed = new TreeSet<>(Set.of("type"));
        types.forEach(type -> allowed.addAll(KEYWORDS.get(type)));
        requireOnly(schema, at, allowed);
        return types.isEmpty()
                ? json.any()
                : rules.either(
                        types.stream().map(type -> ofType(type, schema, at)).toList());
    }

    private Rule anyOf(JsonNode choices, String at, Set<String> unguarded) {
        var rulesOfChoices = new ArrayList<Rule>();
        for (JsonNode choice : choices) {
            rulesOfChoices.add(compile(choice, at + rulesOfChoices.size(), unguarded));
        }
        return rules.either(rulesOfChoices);
    }

    private Rule reference(String target, String at, Set<String> unguarded) {
        if (unguarded.contains(target)) {
            throw refused(at, "%s refers to itself with nothing in between".formatted(target));
        }
        JsonNode schema = told(at, () -> references.target(target));
        // A name that is being compiled further out is guarded by a bracket, or the check above had stopped it.
        if (compiled.add(target)) {
            var inside = new LinkedHashSet<>(unguarded);
            inside.add(target);
            rules.define(target, compile(schema, target, inside));
        }
        return rules.named(target);
    }

    /** The types a schema names, or the one that its keywords are about. */
    private static Set<String> types(JsonNode schema, String at) {
        var types = new LinkedHashSet<String>();
        JsonNode named = schema.path("type");
        (named.isArray() ? named : named.isMissingNode() ? List.<JsonNode>of() : List.of(named))
                .forEach(type -> types.add(type.asString("")));
        if (named.isMissingNode()) {
            KEYWORDS.forEach((type, keywords) -> {
                if (keywords.stream().anyMatch(schema::has)) {
                    types.add(type);
                }
            });
        }
        for (String type : types) {
            if (!KEYWORDS.containsKey(type)) {
                throw refused(at, "type %s, wanted one of %s".formatted(type, new TreeSet<>(KEYWORDS.keySet())));
            }
        }
        return types;
    }

    private Rule ofType(String type, JsonNode schema, String at) {
        return switch (type) {
            case "object" -> object(schema, at);
            case "array" -> {
                Rule item = schema.has("items")
                        ? compile(schema.get("items"), at + "/items", new LinkedHashSet<>())
                        : json.any();
                yield json.array(item, number(schema, "minItems", 0, at), limit(schema, "minItems", "maxItems", at));
            }
            case "string" -> string(schema, at);
            case "number", "integer" -> number(type, schema, at);
            case "boolean" -> rules.either(rules.text("true"), rules.text("false"));
            default -> rules.text("null");
        };
    }

    private Rule object(JsonNode schema, String at) {
        JsonNode others = schema.path("additionalProperties");
        boolean closed = others.isBoolean() && !others.asBoolean();
        var members = new LinkedHashMap<String, Rule>();
        schema.path("properties")
                .forEachEntry((name, member) ->
                        members.put(name, compile(member, at + "/properties/" + name, new LinkedHashSet<>())));
        Rule other =
                others.isObject() ? compile(others, at + "/additionalProperties", new LinkedHashSet<>()) : json.any();
        var required = new HashSet<String>();
        for (JsonNode name : schema.path("required")) {
            required.add(name.asString());
            if (!members.containsKey(name.asString())) {
                if (closed) {
                    throw refused(at, "%s is required, and additionalProperties forbids it".formatted(name));
                }
                members.put(name.asString(), other);
            }
        }
        if (members.isEmpty() && !closed) {
            return json.map(other);
        }
        Rule begun = rules.empty; // what may follow a member
        Rule fresh = rules.empty; // what may follow the brace
        for (Map.Entry<String, Rule> entry : List.copyOf(members.entrySet()).reversed()) {
            String name = entry.getKey();
            Rule member = json.member(name, entry.getValue());
            Rule with = rules.then(member, begun);
            fresh = required.contains(name) ? with : rules.either(with, fresh);
            Rule next = rules.all(json.comma(), member, begun);
            begun = required.contains(name) ? next : rules.either(next, begun);
        }
        return json.enclosed("{", fresh, "}");
    }

    private Rule number(String type, JsonNode schema, String at) {
        boolean whole = type.equals("integer");
        if (BOUNDS.stream().noneMatch(schema::has)) {
            return whole ? json.integer() : json.number();
        }
        return told(
                at,
                () -> whole
                        ? IntegerRange.of(schema).rule(rules)
                        : DecimalRange.of(schema).rule(rules));
    }

    private Rule string(JsonNode schema, String at) {
        boolean sized = schema.has("minLength") || schema.has("maxLength");
        String pattern = schema.path("pattern").asString(null);
        String format = schema.path("format").asString(null);
        if ((pattern != null ? 1 : 0) + (format != null ? 1 : 0) + (sized ? 1 : 0) > 1) {
            throw refused(at, "pattern, format and lengths together are not supported");
        }
        if (format != null) {
            pattern = Formats.PATTERNS.get(format);
            if (pattern == null) {
                throw refused(
                        at,
                        "format %s is not supported, only %s"
                                .formatted(format, new TreeSet<>(Formats.PATTERNS.keySet())));
            }
        }
        if (pattern == null) {
            return json.string(number(schema, "minLength", 0, at), limit(schema, "minLength", "maxLength", at));
        }
        String content = pattern;
        return told(at, () -> json.quoted(Pattern.content(json, content)));
    }

    private static int limit(JsonNode schema, String least, String most, String at) {
        int max = number(schema, most, Rules.UNBOUNDED, at);
        if (max < number(schema, least, 0, at)) {
            throw refused(at, "%s %s is below %s".formatted(most, max, least));
        }
        return max;
    }

    private static int number(JsonNode schema, String key, int fallback, String at) {
        JsonNode value = schema.path(key);
        if (value.isMissingNode()) {
            return fallback;
        }
        if (!value.canConvertToInt() || value.asInt() < 0) {
            throw refused(at, "%s %s, wanted a whole number of 0 or more".formatted(key, value));
        }
        return value.asInt();
    }

    static boolean fits(JsonNode value, String type) {
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

    private static void requireOnly(JsonNode schema, String at, Set<String> allowed) {
        for (String key : schema.propertyNames()) {
            if (!allowed.contains(key) && !ANNOTATIONS.contains(key)) {
                throw refused(
                        at,
                        "%s is not supported%s".formatted(key, allowed.contains("type") ? "" : " beside " + allowed));
            }
        }
    }

    /** What is found, or an error that names the place. */
    private static <X> X told(String at, Supplier<X> found) {
        try {
            return found.get();
        } catch (IllegalArgumentException e) {
            throw refused(at, String.valueOf(e.getMessage()));
        }
    }

    private static IllegalArgumentException refused(String at, String what) {
        return new IllegalArgumentException("schema %s: %s".formatted(at, what));
    }
}
