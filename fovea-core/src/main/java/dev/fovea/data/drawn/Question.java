package dev.fovea.data.drawn;

/** A question about a picture and its only right answer. */
public record Question(String question, String answer) {}
