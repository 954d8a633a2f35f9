package dev.fovea.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records from YAML files and overrides, and YAML from records; see the package for the rules. */
public final class Configs {

    private Configs() {}

    /**
     * Reads a record from a YAML file, with {@code key=value} overrides laid over it in their order.
     *
     * @throws IllegalArgumentException where the file or an override does not fit the record; the message names file
     *     and line or the override, the key, what was found and what was wanted
     */
    public static <T> T read(Class<T> type, Path file, List<String> overrides) {
        return parse(type, readText(file), file.toString(), overrides);
    }

    /** As {@link #read}, from a text; {@code name} stands for the file in messages. */
    public static <T> T parse(Class<T> type, String yaml, String name, List<String> overrides) {
        Node tree = YamlReader.read(yaml, line -> name + ":" + line);
        return bind(type, Overrides.apply(tree, overrides));
    }

    /**
     * What a configuration's file says at the top under a {@link TypeKey}, after the overrides; null where it says nothing.
     */
    public static @Nullable String typeName(String key, Path file, List<String> overrides) {
        Node tree = Overrides.apply(YamlReader.read(readText(file), line -> file + ":" + line), overrides);
        return tree instanceof Node.Mapping mapping && mapping.entries().get(key) instanceof Node.Scalar name
                ? name.text()
                : null;
    }

    /** The record with its defaults and the given values: {@code Configs.of(Optim.class, "peak=3e-4")}. */
    public static <T> T of(Class<T> type, String... values) {
        var empty = new Node.Mapping(new LinkedHashMap<>(), type.getSimpleName());
        return bind(type, Overrides.apply(empty, List.of(values)));
    }

    /** The record as YAML, every key written out; {@link #parse} makes an equal record of it. */
    public static String write(Object config) {
        return YamlWriter.write(config);
    }

    /** As {@link #write(Object)}, into a file whose folder is made where it is missing. */
    public static void write(Object config, Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.writeString(file, write(config));
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static <T> T bind(Class<T> type, Node tree) {
        Object value = Binder.bind(type, tree);
        return type.cast(value);
    }

    private static String readText(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(file + ": no such file", e);
        } catch (CharacterCodingException e) {
            throw new UncheckedIOException(file + ": not UTF-8", e);
        } catch (IOException e) {
            throw new UncheckedIOException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }
}
