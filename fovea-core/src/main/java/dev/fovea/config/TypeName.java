package dev.fovea.config;

import static java.lang.annotation.ElementType.TYPE;
import static java.lang.annotation.RetentionPolicy.RUNTIME;

import java.lang.annotation.Retention;
import java.lang.annotation.Target;

/**
 * On a record of a sealed interface: what its {@link TypeKey} says. Without it, the record's simple name with a small
 * first letter: {@code RandomCrop} is {@code randomCrop}.
 */
@Retention(RUNTIME)
@Target(TYPE)
public @interface TypeName {
    String value();
}
