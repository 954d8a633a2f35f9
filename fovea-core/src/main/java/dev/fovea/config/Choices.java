package dev.fovea.config;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** The records that a sealed interface chooses among, by name. */
record Choices(String key, SequencedMap<String, Class<?>> types) {

    static boolean isChoice(Class<?> type) {
        return type.isSealed() && type.isInterface();
    }

    static Choices of(Class<?> sealed) {
        TypeKey key = sealed.getAnnotation(TypeKey.class);
        if (key == null) {
            throw new IllegalStateException(
                    "%s is a sealed interface in a configuration and has no @TypeKey".formatted(sealed.getName()));
        }
        var types = new LinkedHashMap<String, Class<?>>();
        collect(sealed, types);
        return new Choices(key.value(), types);
    }

    /** What the key says for {@code record}. */
    static String name(Class<?> record) {
        TypeName given = record.getAnnotation(TypeName.class);
        if (given != null) {
            return given.value();
        }
        String name = record.getSimpleName();
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    private static void collect(Class<?> sealed, SequencedMap<String, Class<?>> types) {
        for (Class<?> permitted : sealed.getPermittedSubclasses()) {
            if (isChoice(permitted)) {
                collect(permitted, types);
            } else if (permitted.isRecord()) {
                Class<?> other = types.putIfAbsent(name(permitted), permitted);
                if (other != null) {
                    throw new IllegalStateException(
                            "%s and %s are both named %s".formatted(other.getName(), permitted.getName(), name(other)));
                }
            }
        }
    }
}
