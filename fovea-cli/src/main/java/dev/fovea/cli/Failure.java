package dev.fovea.cli;

/** What a command cannot do, told in one line. */
final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1;

    Failure(String message) {
        super(message);
    }
}
