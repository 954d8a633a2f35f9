package dev.fovea.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the hub: the token goes to the hub's own host alone, redirects are followed, a busy or broken server is asked
 * again, and every refusal becomes one line.
 */
final class HubHttp implements AutoCloseable {

    private static final int MAX_REDIRECTS = 8;
    private static final int MAX_TRIES = 6;
    private static final Duration MAX_WAIT = Duration.ofMinutes(5);
    private static final Duration CONNECT = Duration.ofSeconds(20);
    private static final int TOO_MANY = 429;

    /** Waits and says why; tests do not. */
    interface Sleeper {
        void sleep(Duration duration, String why);
    }

    private final HubSettings settings;
    private final Sleeper sleeper;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .build();

    HubHttp(HubSettings settings, Sleeper sleeper) {
        this.settings = settings;
        this.sleeper = sleeper;
    }

    /** How long the hub may say nothing. */
    Duration timeout() {
        return settings.timeout();
    }

    /** Something asked of the hub. */
    private record Query(String method, URI uri, @Nullable String range) {}

    /** The answer to a GET, whose body the caller closes. */
    HttpResponse<InputStream> get(URI uri, RepoId repo) {
        return send(new Query("GET", uri, null), repo, true);
    }

    /** The same from byte {@code from} on; the server may send all of it nevertheless. */
    HttpResponse<InputStream> get(URI uri, RepoId repo, long from) {
        return send(new Query("GET", uri, from == 0 ? null : "bytes=%d-".formatted(from)), repo, true);
    }

    /** The headers of a file, those that name its content where the reader is sent on for it. */
    HttpResponse<InputStream> head(URI uri, RepoId repo) {
        return send(new Query("HEAD", uri, null), repo, false);
    }

    private HttpResponse<InputStream> send(Query query, RepoId repo, boolean elsewhere) {
        Duration waited = Duration.ZERO;
        for (int attempt = 1; ; attempt++) {
            String problem;
            Duration wait = Duration.ofMillis(500L << attempt);
            try {
                HttpResponse<InputStream> response = follow(query, elsewhere);
                int status = response.statusCode();
                if (status < 400 || status == 416) {
                    return response;
                }
                response.body().close();
                if (status != TOO_MANY && status < 500) {
                    throw refusal(response, repo, query.uri);
                }
                Duration asked = retryAfter(response);
                wait = asked == null ? wait : asked;
                problem = "status %d".formatted(status);
            } catch (IOException e) {
                problem = e instanceof ConnectException
                        ? "no connection"
                        : e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            }
            waited = waited.plus(wait);
            if (attempt == MAX_TRIES || waited.compareTo(MAX_WAIT) > 0) {
                throw new HubException(
                        "%s: %s, %d times; try again later".formatted(query.uri.getHost(), problem, attempt));
            }
            sleeper.sleep(wait, "%s: %s".formatted(query.uri.getHost(), problem));
        }
    }

    private HttpResponse<InputStream> follow(Query query, boolean elsewhere) throws IOException {
        URI uri = query.uri;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            boolean home = isHome(uri);
            HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                    .timeout(settings.timeout().plus(CONNECT))
                    .header("Accept-Encoding", "identity") // or sizes and ranges would be those of packed bytes
                    .header("User-Agent", "fovea")
                    .method(query.method, HttpRequest.BodyPublishers.noBody());
            if (settings.token() != null && home) {
                request.header("Authorization", "Bearer " + settings.token());
            }
            if (query.range != null) {
                request.header("Range", query.range);
            }
            HttpResponse<InputStream> response = send(request.build());
            String location = response.headers().firstValue("Location").orElse(null);
            if (response.statusCode() / 100 != 3 || location == null) {
                return response;
            }
            URI next = uri.resolve(location);
            boolean named = response.headers().firstValue("X-Linked-Etag").isPresent();
            if (!elsewhere && (named || !isHome(next))) {
                return response;
            }
            response.body().close();
            uri = next;
        }
        throw new HubException("%s: more than %d redirects".formatted(query.uri, MAX_REDIRECTS));
    }

    private boolean isHome(URI uri) {
        URI home = settings.endpoint();
        return home.getScheme().equals(uri.getScheme()) && home.getAuthority().equals(uri.getAuthority());
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException("interrupted");
        }
    }

    private static @Nullable Duration retryAfter(HttpResponse<?> response) {
        String value = response.headers().firstValue("Retry-After").orElse(null);
        if (value == null) {
            return null;
        }
        try {
            return Duration.ofSeconds(Math.max(0, Long.parseLong(value.strip())));
        } catch (NumberFormatException e) {
            try {
                Instant then = ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
                Duration left = Duration.between(Instant.now(), then);
                return left.isNegative() ? Duration.ZERO : left;
            } catch (DateTimeParseException notADate) {
                return null;
            }
        }
    }

    private HubException refusal(HttpResponse<?> response, RepoId repo, URI uri) {
        String code = response.headers().firstValue("X-Error-Code").orElse("");
        String name = repo.name();
        String page = settings.endpoint() + "/" + name;
        boolean hasToken = settings.token() != null;
        return new HubException(
                switch (code) {
                    case "RevisionNotFound" -> "%s has no revision %s".formatted(name, repo.revision());
                    case "EntryNotFound" -> "%s has no file at %s".formatted(name, uri.getPath());
                    case "RepoNotFound" -> missing(name, hasToken);
                    case "GatedRepo" -> gated(name, page, hasToken);
                    default ->
                        switch (response.statusCode()) {
                            case 401 ->
                                hasToken
                                        ? "%s: the hub does not take this token; set HF_TOKEN to a valid one"
                                                .formatted(name)
                                        : missing(name, false);
                            case 403 -> gated(name, page, hasToken);
                            case 404 -> missing(name, hasToken);
                            default -> "%s: the hub answers %d to %s".formatted(name, response.statusCode(), uri);
                        };
                });
    }

    private static String missing(String name, boolean hasToken) {
        return hasToken
                ? "%s: the hub has no such model, or this token may not see it".formatted(name)
                : "%s: the hub has no such model, or wants a token to show it: set HF_TOKEN".formatted(name);
    }

    private static String gated(String name, String page, boolean hasToken) {
        return hasToken
                ? "%s: access is not granted; ask for it at %s with the account of this token".formatted(name, page)
                : "%s: access wants an account: ask for it at %s, then set HF_TOKEN".formatted(name, page);
    }

    @Override
    public void close() {
        client.close();
    }
}
