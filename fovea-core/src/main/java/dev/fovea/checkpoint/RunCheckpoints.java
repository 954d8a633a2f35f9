package dev.fovea.checkpoint;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The checkpoints of a run: folders {@code step-00001234} that appear whole or not at all. A kill at any moment, or a
 * power loss, leaves the last good one: files are written and synced in a folder of another name, which is then
 * renamed; a folder is renamed again before it is deleted; and what a disk lost nevertheless shows in the checksums.
 *
 * <p>One process writes; others may read at the same time.
 *
 * @param folder where the folders lie; made when something is saved
 * @param keep how many of the newest to keep
 */
public record RunCheckpoints(Path folder, int keep) {

    private static final Logger LOG = LoggerFactory.getLogger(RunCheckpoints.class);
    private static final JsonMapper JSON = JsonMapper.shared();

    /** A step that is saved again gets a number behind: nothing good is ever replaced. */
    private static final Pattern NAME = Pattern.compile("step-(\\d{8,18})(?:-(\\d{1,6}))?");

    private static final String UNFINISHED = ".unfinished-";

    public RunCheckpoints {
        if (keep < 1) {
            throw new IllegalArgumentException("keep: found %d, wanted at least 1".formatted(keep));
        }
    }

    private record Found(long step, int attempt, Path folder) {}

    /**
     * Saves a checkpoint and deletes the oldest ones beyond {@code keep}.
     *
     * @param step the step it is taken after
     * @param parts tensors by name by part, such as {@code model} and {@code optimizer}; a file each
     * @param state what else the run needs to go on
     * @return its folder
     */
    public Path save(long step, Map<String, SequencedMap<String, Tensor>> parts, JsonNode state) {
        if (step < 0) {
            throw new IllegalArgumentException("step: found %d, wanted at least 0".formatted(step));
        }
        Path work = folder.resolve(UNFINISHED + UUID.randomUUID());
        try {
            Files.createDirectories(folder);
            clearUnfinished();
            Files.createDirectory(work);
            write(work, step, parts, state);
            AtomicFiles.syncFolder(work);
            Path target = freeName(step);
            Files.move(work, target, ATOMIC_MOVE);
            AtomicFiles.syncFolder(folder);
            prune();
            return target;
        } catch (IOException e) {
            throw BadFile.of(folder, e);
        }
    }

    /** The newest checkpoint that is whole, or null; damaged ones are passed over with a warning each. */
    public @Nullable RunCheckpoint latest() {
        for (Found found : found()) {
            try {
                RunCheckpoint opened = RunCheckpoint.open(found.folder());
                if (opened.step() != found.step()) {
                    throw BadFile.of(found.folder(), "damaged: it says to be of step " + opened.step());
                }
                return opened;
            } catch (UncheckedIOException e) {
                LOG.warn("passing over a damaged checkpoint: {}", e.getMessage());
            }
        }
        return null;
    }

    /** The checkpoint folders, newest first, whole or not. */
    public List<Path> list() {
        return found().stream().map(Found::folder).toList();
    }

    private static void write(Path work, long step, Map<String, SequencedMap<String, Tensor>> parts, JsonNode state)
            throws IOException {
        var sums = new LinkedHashMap<String, Checksum>();
        for (Map.Entry<String, SequencedMap<String, Tensor>> part : parts.entrySet()) {
            if (!part.getKey().matches("[a-z][a-z0-9_-]*")) {
                throw new IllegalArgumentException("part '%s', wanted a name such as model".formatted(part.getKey()));
            }
            String name = part.getKey() + ".safetensors";
            var writer = new SafetensorsWriter(part.getValue(), Map.of("step", String.valueOf(step)));
            sums.put(name, write(work.resolve(name), writer::writeTo));
        }
        sums.put(RunCheckpoint.STATE, writeJson(work.resolve(RunCheckpoint.STATE), state));
        writeJson(work.resolve(RunCheckpoint.CHECKSUMS), RunCheckpoint.checksums(step, sums));
    }

    private static Checksum writeJson(Path file, JsonNode node) throws IOException {
        byte[] text = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(node);
        return write(file, channel -> AtomicFiles.writeAll(channel, ByteBuffer.wrap(text)));
    }

    private static Checksum write(Path file, AtomicFiles.Content content) throws IOException {
        Checksum[] sum = new Checksum[1];
        AtomicFiles.writeSynced(file, channel -> {
            var summing = new Checksum.Channel(channel);
            content.writeTo(summing);
            sum[0] = summing.checksum();
        });
        return sum[0];
    }

    private Path freeName(long step) {
        Path target = folder.resolve("step-%08d".formatted(step));
        for (int attempt = 1; Files.exists(target); attempt++) {
            target = folder.resolve("step-%08d-%d".formatted(step, attempt));
        }
        return target;
    }

    /** Newest first. */
    private List<Found> found() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.flatMap(path -> {
                        Matcher m = NAME.matcher(String.valueOf(path.getFileName()));
                        return m.matches() && Files.isDirectory(path)
                                ? Stream.of(new Found(
                                        Long.parseLong(m.group(1)),
                                        m.group(2) == null ? 0 : Integer.parseInt(m.group(2)),
                                        path))
                                : Stream.of();
                    })
                    .sorted(Comparator.comparingLong(Found::step)
                            .thenComparingInt(Found::attempt)
                            .reversed())
                    .toList();
        } catch (IOException e) {
            throw BadFile.of(folder, e);
        }
    }

    private void prune() throws IOException {
        List<Found> all = found();
        for (Found old : all.subList(Math.min(keep, all.size()), all.size())) {
            Path trash = folder.resolve(UNFINISHED + UUID.randomUUID());
            Files.move(old.folder(), trash, ATOMIC_MOVE);
            deleteTree(trash);
        }
    }

    /** Folders that a killed process left. */
    private void clearUnfinished() throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.toList()) {
                if (String.valueOf(path.getFileName()).startsWith(UNFINISHED)) {
                    deleteTree(path);
                }
            }
        }
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
