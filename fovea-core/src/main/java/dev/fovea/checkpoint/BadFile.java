package dev.fovea.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** What is thrown for a file that cannot be read as what it should be: the path, then what is wrong. */
final class BadFile {

    private BadFile() {}

    static UncheckedIOException of(Path file, String what) {
        String message = oneLine(file + ": " + what);
        return new UncheckedIOException(message, new IOException(message));
    }

    static UncheckedIOException of(Path file, IOException cause) {
        String what = cause.getMessage();
        String kind = cause.getClass().getSimpleName();
        String message = what == null || what.equals(file.toString()) ? kind : kind + ": " + what;
        return new UncheckedIOException(oneLine(file + ": " + message), cause);
    }

    /** Names out of a file may hold anything. */
    private static String oneLine(String message) {
        return message.replaceAll("\\p{Cntrl}", "?");
    }
}
