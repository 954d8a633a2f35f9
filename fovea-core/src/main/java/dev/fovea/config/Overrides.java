package dev.fovea.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** {@code optim.peak=3e-4}, {@code data.path=/x}, {@code steps.0.size=32}: values laid into a tree. */
final class Overrides {

    private Overrides() {}

    static Node apply(Node root, List<String> overrides) {
        Node result = root;
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "override '%s': wanted key=value, such as optim.peak=3e-4".formatted(override));
            }
            String key = override.substring(0, equals).strip();
            String place = "override '%s'".formatted(override);
            Node value = YamlReader.read(override.substring(equals + 1), _ -> place);
            if (override.substring(equals + 1).isBlank()) {
                value = new Node.Scalar(null, place);
            }
            result = with(result, List.of(key.split("\\.", -1)), 0, value, place);
        }
        return result;
    }

    /** Where both are mappings, {@code above}'s entries replace or deepen those below; else {@code above} alone. */
    static Node overlay(Node below, Node above) {
        if (!(below instanceof Node.Mapping b && above instanceof Node.Mapping a)) {
            return above;
        }
        var entries = new LinkedHashMap<>(b.entries());
        a.entries().forEach((key, value) -> entries.merge(key, value, Overrides::overlay));
        return new Node.Mapping(entries, a.place());
    }

    private static Node with(Node node, List<String> keys, int depth, Node value, String place) {
        if (depth == keys.size()) {
            return value;
        }
        String key = keys.get(depth);
        String path = String.join(".", keys.subList(0, depth + 1));
        return switch (node) {
            case Node.Mapping mapping -> {
                var entries = new LinkedHashMap<>(mapping.entries());
                Node inner = entries.getOrDefault(key, new Node.Mapping(new LinkedHashMap<>(), place));
                entries.put(key, with(inner, keys, depth + 1, value, place));
                yield new Node.Mapping(entries, mapping.place());
            }
            case Node.Sequence sequence -> {
                var elements = new ArrayList<>(sequence.elements());
                int index = index(key, elements.size(), path, place);
                elements.set(index, with(elements.get(index), keys, depth + 1, value, place));
                yield new Node.Sequence(elements, sequence.place());
            }
            // A bare type name or null below: the override makes a mapping of it.
            case Node.Scalar scalar -> {
                if (scalar.text() != null) {
                    throw new IllegalArgumentException("%s: %s: %s has no keys, it is %s at %s"
                            .formatted(
                                    place,
                                    path,
                                    String.join(".", keys.subList(0, depth)),
                                    scalar.describe(),
                                    scalar.place()));
                }
                yield with(new Node.Mapping(new LinkedHashMap<>(), place), keys, depth, value, place);
            }
        };
    }

    private static int index(String key, int size, String path, String place) {
        try {
            int index = Integer.parseInt(key);
            if (index >= 0 && index < size) {
                return index;
            }
        } catch (NumberFormatException e) {
            // falls to the message below
        }
        throw new IllegalArgumentException(
                "%s: %s: no such element; the list has %d, counted from 0".formatted(place, path, size));
    }
}
