package dev.fovea.config;

import static java.lang.annotation.ElementType.RECORD_COMPONENT;
import static java.lang.annotation.RetentionPolicy.RUNTIME;

import java.lang.annotation.Retention;
import java.lang.annotation.Target;

/**
 * The value of a record component whose key is absent, as it would stand in the YAML file: {@code "1e-3"},
 * {@code "[224, 224]"}, {@code "{}"} for a record of defaults, {@code "''"} for an empty text. A value given replaces it
 * whole; only where a {@link TypeKey} chooses the type and the mapping given names none, it is laid over the default.
 */
@Retention(RUNTIME)
@Target(RECORD_COMPONENT)
public @interface Default {
    String value();
}
