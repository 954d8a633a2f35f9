package dev.fovea.text;

/** Who speaks. */
public enum Role {
    SYSTEM,
    USER,
    ASSISTANT
}
