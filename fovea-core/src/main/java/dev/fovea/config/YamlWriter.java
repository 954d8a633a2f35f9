package dev.fovea.config;

import java.io.StringWriter;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** Records to YAML, in the order of their components. */
final class YamlWriter {

    private static final YAMLFactory YAML = YAMLFactory.builder()
            .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
            .disable(YAMLWriteFeature.SPLIT_LINES)
            .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
            .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .enable(YAMLWriteFeature.ALLOW_LONG_KEYS)
            .build();

    private YamlWriter() {}

    static String write(Object config) {
        var text = new StringWriter();
        try (JsonGenerator out = YAML.createGenerator(ObjectWriteContext.empty(), text)) {
            value(out, config);
        }
        return text.toString();
    }

    private static void value(JsonGenerator out, @Nullable Object value) {
        switch (value) {
            case null -> out.writeNull();
            case Record config -> record(out, config);
            case List<?> list -> {
                out.writeStartArray();
                list.forEach(element -> value(out, element));
                out.writeEndArray();
            }
            case Map<?, ?> map -> {
                out.writeStartObject();
                map.forEach((key, inner) -> {
                    out.writeName(String.valueOf(key));
                    value(out, inner);
                });
                out.writeEndObject();
            }
            case Boolean flag -> out.writeBoolean(flag);
            case Number number -> out.writeNumber(Scalars.write(number));
            case String text -> out.writeString(text);
            case Path path -> out.writeString(path.toString());
            case Enum<?> constant -> out.writeString(Scalars.write(constant));
            default ->
                throw new IllegalStateException(
                        value.getClass().getName() + " is not a type that a configuration can have");
        }
    }

    private static void record(JsonGenerator out, Record config) {
        out.writeStartObject();
        String key = typeKey(config.getClass());
        if (key != null) {
            out.writeName(key);
            out.writeString(Choices.name(config.getClass()));
        }
        for (RecordComponent component : config.getClass().getRecordComponents()) {
            out.writeName(component.getName());
            value(out, read(component, config));
        }
        out.writeEndObject();
    }

    /** The key of the record itself or of the sealed interface that it belongs to, or null. */
    private static @Nullable String typeKey(Class<?> type) {
        TypeKey ownKey = type.getAnnotation(TypeKey.class);
        if (ownKey != null) {
            return ownKey.value();
        }
        return Arrays.stream(type.getInterfaces())
                .filter(Choices::isChoice)
                .map(choice -> {
                    TypeKey own = choice.getAnnotation(TypeKey.class);
                    return own != null ? own.value() : typeKey(choice);
                })
                .filter(key -> key != null)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable Object read(RecordComponent component, Record config) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(config);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("%s of %s cannot be read".formatted(component.getName(), config), e);
        }
    }
}
