package dev.fovea.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Reading files that others wrote, with the path in every message. */
final class DataFiles {

    /** The largest single file or member that is read into an array as one picture or one text. */
    static final long MAX_MEMBER = 256L << 20;

    private DataFiles() {}

    /** The error of a broken file: what was found and what was wanted. */
    static UncheckedIOException broken(Object file, String message) {
        String line = oneLine(file + ": " + message);
        return new UncheckedIOException(line, new IOException(line));
    }

    static UncheckedIOException failed(Object file, IOException e) {
        String message =
                switch (e) {
                    case NoSuchFileException _ -> "no such file";
                    case CharacterCodingException _ -> "not UTF-8";
                    default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
                };
        return new UncheckedIOException(
                oneLine(message.startsWith(file.toString()) ? message : file + ": " + message), e);
    }

    /** Names out of a file may hold anything. */
    private static String oneLine(String message) {
        return message.replaceAll("\\p{Cntrl}", "?");
    }

    static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    static boolean isGzip(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == 0x1f && in.read() == 0x8b;
        } catch (IOException e) {
            throw DataFiles.failed(file, e);
        }
    }

    static byte[] read(Path file) {
        long size = size(file);
        if (size > MAX_MEMBER) {
            throw broken(file, "found %d bytes, wanted at most %d for one picture or text".formatted(size, MAX_MEMBER));
        }
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** The lines of a text file, parted at {@code \n} alone; a carriage return before it is dropped, blank lines stay. */
    static List<String> lines(Path file) {
        byte[] bytes = read(file);
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw failed(file, e);
        }
        List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
        if (lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        lines.replaceAll(line -> line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
        return lines;
    }

    /** Entries of a folder by name, hidden ones left out. */
    static List<Path> list(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(p -> !name(p).startsWith("."))
                    .sorted(Comparator.comparing(DataFiles::name))
                    .toList();
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    static String name(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }

    /** Exactly {@code count} bytes, allocated only as they come. */
    static byte[] readFully(Path file, InputStream in, int count, String what) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw broken(
                    file, "%s: found %d bytes, wanted %d; the file is cut short".formatted(what, bytes.length, count));
        }
        return bytes;
    }
}
