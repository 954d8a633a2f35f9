package dev.fovea.text;

/** A piece of what a message says. */
public sealed interface Part {

    /** Words. */
    record Text(String text) implements Part {}

    /** The place of a picture; the pictures themselves go beside the messages, in the order of their places. */
    record Image() implements Part {}
}
