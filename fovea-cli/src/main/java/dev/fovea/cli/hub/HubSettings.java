package dev.fovea.cli.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the hub and its cache are, by the same environment variables as its Python client.
 *
 * @param endpoint {@code HF_ENDPOINT}, without a slash at its end
 * @param cache {@code HF_HUB_CACHE}, else {@code HF_HOME/hub}, else {@code huggingface/hub} in {@code XDG_CACHE_HOME} or
 *     {@code ~/.cache}
 * @param token {@code HF_TOKEN}, else the content of {@code HF_TOKEN_PATH} or {@code HF_HOME/token}; null for none
 * @param offline {@code HF_HUB_OFFLINE}
 * @param symlinks whether snapshots link to blobs, unless {@code HF_HUB_DISABLE_SYMLINKS}
 * @param timeout {@code HF_HUB_DOWNLOAD_TIMEOUT}: how long the hub may say nothing
 */
public record HubSettings(
        URI endpoint, Path cache, @Nullable String token, boolean offline, boolean symlinks, Duration timeout) {

    private static final Set<String> YES = Set.of("1", "ON", "YES", "TRUE");

    /** Those of this process. */
    public static HubSettings ofEnvironment() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    static HubSettings of(Map<String, String> env, Path userHome) {
        Path caches = path(env, "XDG_CACHE_HOME", userHome.resolve(".cache"));
        Path home = path(env, "HF_HOME", caches.resolve("huggingface"));
        String endpoint =
                env.getOrDefault("HF_ENDPOINT", "https://huggingface.co").replaceAll("/+$", "");
        return new HubSettings(
                uri(endpoint),
                path(env, "HF_HUB_CACHE", home.resolve("hub")),
                token(env, path(env, "HF_TOKEN_PATH", home.resolve("token"))),
                isYes(env, "HF_HUB_OFFLINE"),
                !isYes(env, "HF_HUB_DISABLE_SYMLINKS"),
                Duration.ofSeconds(seconds(env)));
    }

    private static URI uri(String endpoint) {
        URI uri;
        try {
            uri = URI.create(endpoint);
        } catch (IllegalArgumentException e) {
            throw new HubException("HF_ENDPOINT %s is no address".formatted(endpoint));
        }
        if (uri.getHost() == null || !Set.of("http", "https").contains(String.valueOf(uri.getScheme()))) {
            throw new HubException("HF_ENDPOINT %s, wanted http:// or https:// and a host".formatted(endpoint));
        }
        return uri;
    }

    private static @Nullable String token(Map<String, String> env, Path file) {
        String token = env.getOrDefault("HF_TOKEN", "").strip();
        try {
            if (token.isEmpty() && Files.isRegularFile(file)) {
                token = Files.readString(file).strip();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the token cannot be read", e);
        }
        if (!token.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new HubException("the hub token holds characters that no token has");
        }
        return token.isEmpty() ? null : token;
    }

    private static int seconds(Map<String, String> env) {
        String value = env.getOrDefault("HF_HUB_DOWNLOAD_TIMEOUT", "10");
        try {
            int seconds = Integer.parseInt(value);
            if (seconds > 0) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new HubException("HF_HUB_DOWNLOAD_TIMEOUT %s, wanted seconds above 0".formatted(value));
    }

    private static Path path(Map<String, String> env, String name, Path otherwise) {
        String value = env.getOrDefault(name, "");
        return value.isEmpty() ? otherwise : Path.of(value);
    }

    private static boolean isYes(Map<String, String> env, String name) {
        return YES.contains(env.getOrDefault(name, "").toUpperCase(Locale.ROOT));
    }
}
