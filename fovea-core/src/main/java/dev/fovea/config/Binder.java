package dev.fovea.config;

import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Trees to records: the types of the components say what each node must be. */
final class Binder {

    private Binder() {}

    static Object bind(Class<?> type, Node root) {
        TypeKey key = type.getAnnotation(TypeKey.class);
        if (key == null || !type.isRecord() || !(root instanceof Node.Mapping mapping)) {
            return value(type, root, "");
        }
        Node found = mapping.entries().get(key.value());
        if (found != null
                && !(found instanceof Node.Scalar scalar && Choices.name(type).equals(scalar.text()))) {
            throw wrong(found, key.value(), Choices.name(type));
        }
        return record(type, mapping, "", key.value());
    }

    private static Object value(Class<?> type, Node node, String path) {
        if (Choices.isChoice(type)) {
            return choice(type, node, path);
        }
        if (type.isRecord()) {
            if (!(node instanceof Node.Mapping mapping)) {
                throw wrong(node, path, "a mapping with keys " + keys(type, null));
            }
            return record(type, mapping, path, null);
        }
        if (!Scalars.isScalar(type)) {
            throw new IllegalStateException(
                    "%s: %s is not a type that a configuration can have".formatted(path, type.getName()));
        }
        if (!(node instanceof Node.Scalar scalar) || scalar.text() == null) {
            throw wrong(node, path, Scalars.wanted(type));
        }
        Object parsed = Scalars.parse(type, scalar.text());
        if (parsed == null) {
            throw wrong(node, path, Scalars.wanted(type));
        }
        return parsed;
    }

    private static Object choice(Class<?> sealed, Node node, String path) {
        var choices = Choices.of(sealed);
        Node.Mapping mapping = named(choices, node);
        if (mapping == null) {
            throw wrong(node, path, "one of " + choices.types().keySet());
        }
        Node name = mapping.entries().get(choices.key());
        if (name == null) {
            throw error(
                    mapping.place(),
                    path,
                    "key %s is missing; it is one of %s"
                            .formatted(choices.key(), choices.types().keySet()));
        }
        String text = name instanceof Node.Scalar scalar && scalar.text() != null ? scalar.text() : name.describe();
        Class<?> type = choices.types().get(text);
        if (type == null) {
            throw error(
                    name.place(),
                    Paths.join(path, choices.key()),
                    "found %s; %swanted one of %s"
                            .formatted(
                                    name.describe(),
                                    Paths.didYouMean(text, choices.types().keySet()),
                                    choices.types().keySet()));
        }
        return record(type, mapping, path, choices.key());
    }

    /** A bare name is short for a mapping with the type key alone. */
    private static Node.@Nullable Mapping named(Choices choices, Node node) {
        return switch (node) {
            case Node.Mapping mapping -> mapping;
            case Node.Scalar scalar
            when scalar.text() != null ->
                new Node.Mapping(new LinkedHashMap<>(Map.of(choices.key(), scalar)), scalar.place());
            case Node.Scalar _, Node.Sequence _ -> null;
        };
    }

    private static Object record(Class<?> type, Node.Mapping mapping, String path, @Nullable String typeKey) {
        List<String> keys = keys(type, typeKey);
        mapping.entries().forEach((key, node) -> {
            if (!keys.contains(key)) {
                throw error(
                        node.place(),
                        Paths.join(path, key),
                        "no such key; %sKeys here: %s".formatted(Paths.didYouMean(key, keys), keys));
            }
        });
        var arguments = new ArrayList<@Nullable Object>();
        for (RecordComponent component : type.getRecordComponents()) {
            arguments.add(component(component, mapping, Paths.join(path, component.getName())));
        }
        return construct(type, arguments, mapping.place(), path);
    }

    private static List<String> keys(Class<?> record, @Nullable String typeKey) {
        var keys = new ArrayList<String>();
        if (typeKey != null) {
            keys.add(typeKey);
        }
        Arrays.stream(record.getRecordComponents())
                .map(RecordComponent::getName)
                .forEach(keys::add);
        return keys;
    }

    private static @Nullable Object component(RecordComponent component, Node.Mapping mapping, String path) {
        AnnotatedType type = component.getAnnotatedType();
        Node given = mapping.entries().get(component.getName());
        Default fallback = component.getAnnotation(Default.class);
        if (fallback != null) {
            Node standard = YamlReader.read(fallback.value(), _ -> "default");
            given = given == null ? standard : laidOver(component.getType(), standard, given);
        }
        if (given == null) {
            if (isNullable(type)) {
                return null;
            }
            throw error(mapping.place(), path, "missing; wanted " + wanted(component.getType()));
        }
        return typed(type, given, path);
    }

    /** A mapping that names no type is of the default's, and keeps what it does not name. */
    private static Node laidOver(Class<?> type, Node standard, Node given) {
        if (!Choices.isChoice(type) || !(given instanceof Node.Mapping above)) {
            return given;
        }
        var choices = Choices.of(type);
        Node.Mapping below = named(choices, standard);
        return below == null || above.entries().containsKey(choices.key()) ? given : Overrides.overlay(below, given);
    }

    private static @Nullable Object typed(AnnotatedType type, Node node, String path) {
        if (node instanceof Node.Scalar scalar && scalar.text() == null && isNullable(type)) {
            return null;
        }
        if (!(type instanceof AnnotatedParameterizedType generic)) {
            return value((Class<?>) type.getType(), node, path);
        }
        Class<?> raw = raw(type.getType());
        AnnotatedType[] parameters = generic.getAnnotatedActualTypeArguments();
        if (raw.isAssignableFrom(List.class)) {
            if (!(node instanceof Node.Sequence sequence)) {
                throw wrong(node, path, "a list");
            }
            return list(parameters[0], sequence, path);
        }
        if (raw.isAssignableFrom(LinkedHashMap.class)) {
            if (!(node instanceof Node.Mapping mapping)) {
                throw wrong(node, path, "a mapping");
            }
            var values = new LinkedHashMap<String, @Nullable Object>();
            mapping.entries().forEach((key, inner) -> values.put(key, typed(parameters[1], inner, path + "." + key)));
            return Collections.unmodifiableSequencedMap(values);
        }
        throw new IllegalStateException(
                "%s: %s is not a type that a configuration can have".formatted(path, type.getType()));
    }

    private static List<@Nullable Object> list(AnnotatedType element, Node.Sequence sequence, String path) {
        var values = new ArrayList<@Nullable Object>();
        for (Node inner : sequence.elements()) {
            values.add(typed(element, inner, path + "." + values.size()));
        }
        return Collections.unmodifiableList(values);
    }

    private static Object construct(Class<?> type, List<@Nullable Object> arguments, String place, String path) {
        try {
            Class<?>[] types = Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            return canonical.newInstance(arguments.toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw new IllegalArgumentException(prefix(place, path) + refused.getMessage(), refused);
            }
            throw new IllegalStateException(prefix(place, path) + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(prefix(place, path) + e.getMessage(), e);
        }
    }

    private static String wanted(Class<?> type) {
        if (Choices.isChoice(type)) {
            return "one of " + Choices.of(type).types().keySet();
        }
        if (type.isRecord()) {
            return "a mapping with keys " + keys(type, null);
        }
        return Scalars.isScalar(type)
                ? Scalars.wanted(type)
                : type.isAssignableFrom(List.class) ? "a list" : "a mapping";
    }

    private static boolean isNullable(AnnotatedType type) {
        return type.isAnnotationPresent(Nullable.class);
    }

    private static Class<?> raw(Type type) {
        return type instanceof ParameterizedType generic ? (Class<?>) generic.getRawType() : (Class<?>) type;
    }

    private static IllegalArgumentException wrong(Node node, String path, String wanted) {
        return error(node.place(), path, "found %s, wanted %s".formatted(node.describe(), wanted));
    }

    private static IllegalArgumentException error(String place, String path, String message) {
        return new IllegalArgumentException(prefix(place, path) + message);
    }

    private static String prefix(String place, String path) {
        return path.isEmpty() ? place + ": " : "%s: %s: ".formatted(place, path);
    }
}
