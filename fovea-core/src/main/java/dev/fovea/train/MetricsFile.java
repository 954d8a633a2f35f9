package dev.fovea.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Measurements as JSON lines: {@code {"step":50,"set":"train","loss":2.1,...}}; a value that is not finite is null. A line
 * is written whole or, after a kill, is the last and torn; {@link #open} drops such a line and those of steps that a
 * resumed run will do again, so that the file comes out as an uninterrupted run's.
 */
final class MetricsFile implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final Path path;
    private final FileChannel channel;

    private MetricsFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Opens for appending after the lines of steps up to {@code lastStep}; a negative one starts anew. */
    static MetricsFile open(Path path, long lastStep) {
        try {
            FileChannel channel = FileChannel.open(path, CREATE, READ, WRITE);
            channel.truncate(end(path, lastStep));
            channel.position(channel.size());
            return new MetricsFile(path, channel);
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /** All whole lines. */
    static List<Measurement> read(Path path) {
        try (var lines = Files.lines(path)) {
            return lines.map(MetricsFile::parse).flatMap(Stream::ofNullable).toList();
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    void append(Measurement m) {
        ObjectNode line = JSON.createObjectNode().put("step", m.step()).put("set", m.set());
        m.values().forEach((name, value) -> {
            if (Double.isFinite(value)) {
                line.put(name, value);
            } else {
                line.putNull(name);
            }
        });
        try {
            ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /** Puts what was appended onto the disk: called before a checkpoint that counts on it. */
    void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /** Bytes up to the first line that is torn or of a later step. */
    private static long end(Path path, long lastStep) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        int end = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                Measurement m = parse(new String(bytes, end, i - end, UTF_8));
                if (m == null || m.step() > lastStep) {
                    break;
                }
                end = i + 1;
            }
        }
        return end;
    }

    private static @Nullable Measurement parse(String line) {
        try {
            JsonNode json = JSON.readTree(line);
            if (!json.isObject()
                    || !json.path("step").isIntegralNumber()
                    || !json.path("set").isString()) {
                return null;
            }
            var values = new LinkedHashMap<String, Double>();
            json.properties().forEach(entry -> {
                if (!entry.getKey().equals("step") && !entry.getKey().equals("set")) {
                    values.put(entry.getKey(), entry.getValue().asDouble(Double.NaN));
                }
            });
            return new Measurement(json.path("step").asLong(), json.path("set").asString(), values);
        } catch (JacksonException e) {
            return null;
        }
    }

    private static UncheckedIOException failed(Path path, IOException e) {
        return new UncheckedIOException("%s: %s".formatted(path, e.getMessage()), e);
    }
}
