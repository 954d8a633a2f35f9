package dev.fovea.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.function.IntFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/** YAML text to {@link Node}s. Scalars stay text; only null is told from the rest. */
final class YamlReader {

    private static final YAMLFactory YAML = new YAMLFactory();

    private final YAMLParser parser;
    private final IntFunction<String> place;

    private YamlReader(YAMLParser parser, IntFunction<String> place) {
        this.parser = parser;
        this.place = place;
    }

    /**
     * The one document of {@code yaml}; an empty text is an empty mapping.
     *
     * @param place names a line, counted from 1
     */
    static Node read(String yaml, IntFunction<String> place) {
        try (var parser = (YAMLParser) YAML.createParser(ObjectReadContext.empty(), yaml)) {
            var reader = new YamlReader(parser, place);
            JsonToken first = parser.nextToken();
            if (first == null) {
                return new Node.Mapping(new LinkedHashMap<>(), place.apply(1));
            }
            Node root = reader.node(first, "");
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException(
                        reader.here() + ": a second document begins here; a configuration is one document");
            }
            return root;
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
            throw new IllegalArgumentException(
                    "%s: not YAML: %s"
                            .formatted(
                                    place.apply(line),
                                    e.getOriginalMessage().strip().replaceAll("\\s*\\R\\s*", "; ")),
                    e);
        }
    }

    private String here() {
        return place.apply(parser.currentTokenLocation().getLineNr());
    }

    private Node node(JsonToken token, String path) {
        String at = here();
        if (parser.isCurrentAlias()) {
            throw new IllegalArgumentException(
                    "%s: %s: aliases (*%s) are not read; write the value out".formatted(at, path, parser.getString()));
        }
        return switch (token) {
            case START_OBJECT -> mapping(path, at);
            case START_ARRAY -> sequence(path, at);
            case VALUE_NULL -> new Node.Scalar(null, at);
            default -> new Node.Scalar(parser.getString(), at);
        };
    }

    private Node mapping(String path, String at) {
        var entries = new LinkedHashMap<String, Node>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            String keyPath = Paths.join(path, key);
            String keyPlace = here();
            Node value = node(parser.nextToken(), keyPath);
            Node earlier = entries.putIfAbsent(key, value);
            if (earlier != null) {
                throw new IllegalArgumentException(
                        "%s: %s: key given twice, first at %s".formatted(keyPlace, keyPath, earlier.place()));
            }
        }
        return new Node.Mapping(entries, at);
    }

    private Node sequence(String path, String at) {
        var elements = new ArrayList<Node>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            elements.add(node(token, Paths.join(path, Integer.toString(elements.size()))));
        }
        return new Node.Sequence(elements, at);
    }
}
