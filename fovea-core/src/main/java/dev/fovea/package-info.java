/** Fovea: vision and multimodal models for the JVM. */
@NullMarked
package dev.fovea;

import org.jspecify.annotations.NullMarked;
