package dev.fovea.config;

import static java.lang.annotation.ElementType.TYPE;
import static java.lang.annotation.RetentionPolicy.RUNTIME;

import java.lang.annotation.Retention;
import java.lang.annotation.Target;

/**
 * On a sealed interface: the key that says which of its records a mapping is, such as {@code op} or {@code type}. The
 * value is the record's {@link TypeName}. A record without keys to set may be written as the bare name.
 *
 * <p>On a record that is a whole configuration: the key may stand in its file, {@link Configs#write} writes it, and
 * {@link Configs#typeName} reads it, so that a program can choose among records by the file.
 */
@Retention(RUNTIME)
@Target(TYPE)
public @interface TypeKey {
    String value();
}
