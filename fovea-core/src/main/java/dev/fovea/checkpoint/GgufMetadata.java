package dev.fovea.checkpoint;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The key-value part of a GGUF file. Numbers are {@link Long} or {@link Double}, arrays lists of them, of strings or of
 * booleans.
 */
public final class GgufMetadata {

    private final Path path;
    private final SequencedMap<String, Object> values;

    GgufMetadata(Path path, SequencedMap<String, Object> values) {
        this.path = path;
        this.values = Collections.unmodifiableSequencedMap(values);
    }

    /** All of it, in the order of the file. */
    public SequencedMap<String, Object> values() {
        return values;
    }

    /** Whether the file has this key. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    public String string(String key) {
        return of(key, String.class, null);
    }

    public String string(String key, String fallback) {
        return of(key, String.class, fallback);
    }

    public long integer(String key) {
        return of(key, Long.class, null);
    }

    public long integer(String key, long fallback) {
        return of(key, Long.class, fallback);
    }

    /** A number, be it written as an integer or not. */
    public double number(String key, double fallback) {
        return values.get(key) instanceof Long whole ? whole : of(key, Double.class, fallback);
    }

    public boolean bool(String key, boolean fallback) {
        return of(key, Boolean.class, fallback);
    }

    public List<String> strings(String key) {
        return list(key, String.class);
    }

    public List<Long> integers(String key) {
        return list(key, Long.class);
    }

    public List<Double> numbers(String key) {
        return list(key, Double.class);
    }

    @SuppressWarnings("unchecked") // all elements have one type, and one was looked at
    private <T> List<T> list(String key, Class<T> type) {
        List<?> list = of(key, List.class, null);
        if (!list.isEmpty() && !type.isInstance(list.getFirst())) {
            throw BadFile.of(
                    path,
                    "%s: a list of %s, wanted %s"
                            .formatted(key, list.getFirst().getClass().getSimpleName(), type.getSimpleName()));
        }
        return (List<T>) list;
    }

    private <T> T of(String key, Class<T> type, @Nullable T fallback) {
        Object value = values.get(key);
        if (value == null) {
            if (fallback == null) {
                throw BadFile.of(path, "no key %s%s".formatted(key, Neighbours.of(key, values.keySet())));
            }
            return fallback;
        }
        if (!type.isInstance(value)) {
            throw BadFile.of(
                    path,
                    "%s: found %s, wanted %s"
                            .formatted(
                                    key,
                                    value instanceof List
                                            ? "a list"
                                            : value.getClass().getSimpleName() + " " + value,
                                    type.getSimpleName()));
        }
        return type.cast(value);
    }
}
