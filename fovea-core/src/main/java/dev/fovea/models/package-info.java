/** Networks and systems, one package each. */
@NullMarked
package dev.fovea.models;

import org.jspecify.annotations.NullMarked;
