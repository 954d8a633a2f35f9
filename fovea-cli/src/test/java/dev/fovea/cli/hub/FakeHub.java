package dev.fovea.cli.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A hub on this machine that holds one model, {@code org/tiny}, and misbehaves as a test asks. */
final class FakeHub implements AutoCloseable {

    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** An answer in place of the right one. */
    record Refusal(int status, Map<String, String> headers) {}

    final Map<String, byte[]> files = new TreeMap<>();
    /** Large files, which lie on another host. */
    final Map<String, byte[]> large = new TreeMap<>();
    /** Refusals of the next requests of a path that begins so. */
    final Map<String, List<Refusal>> refusals = new ConcurrentHashMap<>();
    /** What requests there were: method, path, range. */
    final List<String> seen = new CopyOnWriteArrayList<>();
    /** Authorization headers, by the host that got them. */
    final List<String> tokens = new CopyOnWriteArrayList<>();

    /** So many bytes of content until the connection is cut; 0 for never. */
    volatile int cutAfter;

    /** While set, content stops after {@link #cutAfter} bytes without an end. */
    volatile @Nullable CountDownLatch silence;

    volatile boolean ignoresRanges;
    volatile boolean wrongContent;
    private final HttpServer server;

    FakeHub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    static String hash(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private void answer(HttpExchange x) throws IOException {
        try (x) {
            String path = x.getRequestURI().getPath();
            String range = x.getRequestHeaders().getFirst("Range");
            seen.add(x.getRequestMethod() + " " + path + (range == null ? "" : " " + range));
            String token = x.getRequestHeaders().getFirst("Authorization");
            if (token != null) {
                tokens.add(x.getRequestHeaders().getFirst("Host") + " " + token);
            }
            for (var entry : refusals.entrySet()) {
                if (path.startsWith(entry.getKey()) && !entry.getValue().isEmpty()) {
                    Refusal refusal = entry.getValue().removeFirst();
                    refusal.headers().forEach((k, v) -> x.getResponseHeaders().set(k, v));
                    x.sendResponseHeaders(refusal.status(), -1);
                    return;
                }
            }
            if (path.equals("/api/models/org/tiny/revision/main")) {
                json(x, "{\"sha\":\"" + COMMIT + "\"}");
            } else if (path.equals("/api/models/org/tiny/tree/" + COMMIT)) {
                list(x);
            } else if (path.startsWith("/org/tiny/resolve/" + COMMIT + "/")) {
                file(x, path.substring(("/org/tiny/resolve/" + COMMIT + "/").length()));
            } else if (path.startsWith("/elsewhere/")) {
                content(x, requireNonNull(large.get(path.substring("/elsewhere/".length()))));
            } else {
                x.sendResponseHeaders(404, -1);
            }
        }
    }

    /** In two pages, so that the link to the next is followed. */
    private void list(HttpExchange x) throws IOException {
        List<String> all = new ArrayList<>(files.keySet());
        all.addAll(large.keySet());
        boolean second = x.getRequestURI().getQuery().contains("cursor");
        int half = all.size() / 2;
        if (!second) {
            x.getResponseHeaders().set("Link", "<" + x.getRequestURI() + "&cursor=2>; rel=\"next\"");
        }
        json(
                x,
                (second ? all.subList(half, all.size()) : all.subList(0, half))
                        .stream()
                                .map("{\"type\":\"file\",\"path\":\"%s\"}"::formatted)
                                .toList()
                                .toString());
    }

    private static void json(HttpExchange x, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        x.sendResponseHeaders(200, bytes.length);
        x.getResponseBody().write(bytes);
    }

    private void file(HttpExchange x, String path) throws IOException {
        byte[] small = files.get(path);
        byte[] big = large.get(path);
        x.getResponseHeaders().set("X-Repo-Commit", COMMIT);
        if (big != null) {
            x.getResponseHeaders().set("X-Linked-Etag", "\"" + hash("SHA-256", big) + "\"");
            x.getResponseHeaders().set("X-Linked-Size", Integer.toString(big.length));
            x.getResponseHeaders()
                    .set(
                            "Location",
                            "http://localhost:%d/elsewhere/%s"
                                    .formatted(server.getAddress().getPort(), path));
            x.sendResponseHeaders(302, -1);
        } else if (small != null) {
            byte[] header = "blob %d\0".formatted(small.length).getBytes(UTF_8);
            x.getResponseHeaders().set("ETag", "W/\"" + hash("SHA-1", header, small) + "\"");
            content(x, small);
        } else {
            x.getResponseHeaders().set("X-Error-Code", "EntryNotFound");
            x.sendResponseHeaders(404, -1);
        }
    }

    private void content(HttpExchange x, byte[] all) throws IOException {
        if (x.getRequestMethod().equals("HEAD")) {
            x.getResponseHeaders().set("Content-Length", Integer.toString(all.length));
            x.sendResponseHeaders(200, -1);
            return;
        }
        byte[] sent = all.clone();
        if (wrongContent) {
            sent[0] ^= 1;
        }
        String range = x.getRequestHeaders().getFirst("Range");
        int from = range == null || ignoresRanges ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        if (range != null && !ignoresRanges) {
            x.getResponseHeaders().set("Content-Range", "bytes %d-%d/%d".formatted(from, all.length - 1, all.length));
        }
        byte[] rest = Arrays.copyOfRange(sent, from, sent.length);
        x.sendResponseHeaders(range != null && !ignoresRanges ? 206 : 200, rest.length == 0 ? -1 : rest.length);
        int cut = cutAfter > 0 ? Math.min(cutAfter, rest.length) : rest.length;
        x.getResponseBody().write(rest, 0, cut);
        x.getResponseBody().flush();
        CountDownLatch waiting = silence;
        if (waiting != null && cut < rest.length) {
            try {
                waiting.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
