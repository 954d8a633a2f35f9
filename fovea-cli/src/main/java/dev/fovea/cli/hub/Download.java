package dev.fovea.cli.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One file into the cache: goes on where an earlier attempt stopped, goes on again when the connection breaks, and lets
 * nothing into the cache whose length or hash is not what the hub names.
 */
final class Download {

    private static final int BUFFER = 1 << 18;
    private static final int MAX_BREAKS = 5;
    private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-\\d+/(?:\\d+|\\*)");

    private final HubApi api;
    private final HubCache cache;
    private final HubHttp.Sleeper sleeper;
    private final Duration timeout;

    Download(HubApi api, HubCache cache, HubHttp.Sleeper sleeper, Duration timeout) {
        this.api = api;
        this.cache = cache;
        this.sleeper = sleeper;
        this.timeout = timeout;
    }

    /**
     * Fetches a file unless its content is in the cache already.
     *
     * @param progress is told how many bytes there are now
     */
    void run(RepoId repo, String commit, RemoteFile file, LongConsumer progress) throws IOException {
        Path blob = cache.blob(file);
        if (Files.exists(blob) && Files.size(blob) == file.size()) {
            return;
        }
        try (FileChannel lockFile = cache.lockFile(file);
                var _ = cache.lock(file, lockFile)) {
            Path part = cache.incomplete(file);
            for (int attempt = 0; ; attempt++) {
                fetch(repo, commit, file, part, progress);
                String problem = problem(file, part);
                if (problem.isEmpty()) {
                    break;
                }
                Files.delete(part);
                if (attempt > 0) { // an old part may have been the cause once
                    throw new HubException("%s: %s; nothing was kept".formatted(file.path(), problem));
                }
            }
            try (FileChannel written = FileChannel.open(part, StandardOpenOption.WRITE)) {
                written.force(true);
            }
            Files.move(part, blob, ATOMIC_MOVE);
        }
    }

    private void fetch(RepoId repo, String commit, RemoteFile file, Path part, LongConsumer progress)
            throws IOException {
        for (int breaks = 0; ; ) {
            long before = Files.exists(part) ? Files.size(part) : 0;
            if (before > file.size()) {
                Files.delete(part);
                before = 0;
            }
            if (before == file.size() && Files.exists(part)) {
                return;
            }
            String problem = "the connection broke";
            try {
                copy(api.content(repo, commit, file.path(), before), file, part, before, progress);
            } catch (IOException e) {
                problem = e.getMessage() == null ? problem : e.getMessage();
            }
            long now = Files.exists(part) ? Files.size(part) : 0;
            if (now >= file.size()) {
                return;
            }
            breaks = now > before ? 0 : breaks + 1; // only breaks without any gain count
            if (breaks == MAX_BREAKS) {
                throw new HubException("%s: broke off %d times at byte %d of %d: %s"
                        .formatted(file.path(), breaks, now, file.size(), problem));
            }
            sleeper.sleep(Duration.ofMillis(250L << breaks), "%s: %s".formatted(file.path(), problem));
        }
    }

    private void copy(HttpResponse<InputStream> response, RemoteFile file, Path part, long from, LongConsumer progress)
            throws IOException {
        try (InputStream body = response.body();
                FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var watch = new Watchdog(timeout, body)) {
            if (response.statusCode() == 416) {
                out.truncate(0);
                return;
            }
            long at = start(response, from);
            out.truncate(at).position(at);
            var buffer = new byte[BUFFER];
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                watch.alive();
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                at += n;
                if (at > file.size()) {
                    return; // longer than it may be; the caller tells
                }
                progress.accept(at);
            }
        }
    }

    /** Where the body begins: the byte asked for, or 0 where the server sends all of it. */
    private static long start(HttpResponse<?> response, long from) throws IOException {
        if (response.statusCode() != 206) {
            return 0;
        }
        String range = response.headers().firstValue("Content-Range").orElse("");
        Matcher m = RANGE.matcher(range);
        if (!m.matches() || Long.parseLong(m.group(1)) != from) {
            throw new IOException("asked for bytes from %d, got '%s'".formatted(from, range));
        }
        return from;
    }

    /** What is wrong with the fetched bytes; nothing where all is well. */
    private static String problem(RemoteFile file, Path part) throws IOException {
        long size = Files.size(part);
        if (size != file.size()) {
            return "%d bytes came, wanted %d".formatted(size, file.size());
        }
        if (!file.hasSha256() && !file.hasGitSha1()) {
            return "";
        }
        MessageDigest digest = digest(file.hasSha256() ? "SHA-256" : "SHA-1");
        if (file.hasGitSha1()) {
            digest.update("blob %d\0".formatted(size).getBytes(UTF_8));
        }
        try (InputStream in = Files.newInputStream(part)) {
            var buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        String found = HexFormat.of().formatHex(digest.digest());
        return found.equals(file.etag()) ? "" : "%s %s, wanted %s".formatted(digest.getAlgorithm(), found, file.etag());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has " + algorithm, e);
        }
    }
}
