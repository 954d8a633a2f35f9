package dev.fovea.cli.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.cli.hub.FakeHub.Refusal;
import dev.fovea.cli.hub.Hub.Choice;
import dev.fovea.cli.hub.Hub.Pulled;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pulls from a hub on this machine that cuts connections, lies and refuses. */
class HubTest {

    private static final RepoId TINY = RepoId.parse("org/tiny");
    private static final Hub.Progress SILENT = new Hub.Progress() {
        @Override
        public void begins(int files, long bytes) {}

        @Override
        public void at(String path, long bytes, long of) {}
    };

    @TempDir
    private Path folder;

    private FakeHub fake;
    private final List<Duration> slept = new ArrayList<>();
    private final byte[] weights = new byte[300_000];

    @BeforeEach
    void start() throws IOException {
        fake = new FakeHub();
        new Random(1).nextBytes(weights);
        fake.large.put("model.safetensors", weights);
        fake.files.put("config.json", "{}".getBytes(UTF_8));
        fake.files.put("sub dir/notes.txt", "hello".getBytes(UTF_8));
        fake.files.put("empty", new byte[0]);
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    private HubSettings settings(@Nullable String token, boolean offline, boolean symlinks) {
        return new HubSettings(fake.address(), folder, token, offline, symlinks, Duration.ofSeconds(5));
    }

    private Pulled pull(HubSettings settings, RepoId repo, Choice choice) {
        try (var hub = new Hub(settings, (duration, _) -> slept.add(duration))) {
            return hub.pull(repo, choice, SILENT);
        }
    }

    private Pulled pull() {
        return pull(settings(null, false, true), TINY, Choice.ALL);
    }

    private void requireWhole(Pulled pulled) throws IOException {
        assertThat(pulled.folder().resolve("model.safetensors")).hasBinaryContent(weights);
        assertThat(pulled.folder().resolve("sub dir/notes.txt")).hasContent("hello");
        assertThat(pulled.folder().resolve("empty")).isEmptyFile();
        assertThat(leftovers()).isEmpty();
    }

    private List<Path> leftovers() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(f ->
                            f.toString().endsWith(".incomplete") || f.toString().endsWith(".tmp"))
                    .toList();
        }
    }

    @Test
    void cacheHasThePythonClientsLayout() throws IOException {
        Pulled pulled = pull();
        requireWhole(pulled);
        Path model = folder.resolve("models--org--tiny");
        assertThat(pulled.folder()).isEqualTo(model.resolve("snapshots").resolve(FakeHub.COMMIT));
        assertThat(model.resolve("refs/main")).hasContent(FakeHub.COMMIT);
        String sha = FakeHub.hash("SHA-256", weights);
        assertThat(Files.readSymbolicLink(pulled.folder().resolve("model.safetensors")))
                .isEqualTo(Path.of("../../blobs", sha));
        assertThat(Files.readSymbolicLink(pulled.folder().resolve("sub dir/notes.txt")))
                .isEqualTo(Path.of("../../../blobs", FakeHub.hash("SHA-1", "blob 5\0hello".getBytes(UTF_8))));
        assertThat(folder.resolve("CACHEDIR.TAG")).content().startsWith("Signature: 8a477f597d28d172789f06886806bc55");
    }

    @Test
    void secondPullFetchesNoContent() {
        pull();
        fake.seen.clear();
        pull();
        assertThat(fake.seen).noneMatch(request -> request.startsWith("GET /org/") || request.startsWith("GET /else"));
    }

    @Test
    void brokenDownloadGoesOnWhereItStopped() throws IOException {
        fake.cutAfter = 70_000;
        requireWhole(pull());
        assertThat(fake.seen).anyMatch(request -> request.matches("GET /elsewhere/model.safetensors bytes=[1-9]\\d*-"));
    }

    @Test
    void silentConnectionIsLeftAndTakenUpAgain() throws IOException {
        fake.cutAfter = 200_000;
        fake.silence = new CountDownLatch(1);
        var settings = new HubSettings(fake.address(), folder, null, false, true, Duration.ofMillis(300));
        requireWhole(pull(settings, TINY, Choice.ALL));
        assertThat(fake.seen).contains("GET /elsewhere/model.safetensors bytes=200000-");
        requireNonNull(fake.silence).countDown();
    }

    @Test
    void nextPullGoesOnWhereThisOneGaveUp() throws IOException {
        fake.refusals.put("/elsewhere/", new ArrayList<>(Collections.nCopies(50, new Refusal(503, Map.of()))));
        fake.cutAfter = 70_000;
        assertThatThrownBy(this::pull).isInstanceOf(HubException.class).hasMessageContaining("status 503, 6 times");
        assertThat(folder.resolve("models--org--tiny/refs/main")).doesNotExist();
        fake.refusals.clear();
        Path part = folder.resolve("models--org--tiny/blobs")
                .resolve(FakeHub.hash("SHA-256", weights) + ".f0e4f0e4.incomplete");
        Files.write(part, Arrays.copyOf(weights, 123_456));
        fake.cutAfter = 0;
        fake.seen.clear();
        requireWhole(pull());
        assertThat(fake.seen).contains("GET /elsewhere/model.safetensors bytes=123456-");
    }

    @Test
    void serverThatIgnoresRangesIsReadFromTheStart() throws IOException {
        Files.createDirectories(folder.resolve("models--org--tiny/blobs"));
        Path part = folder.resolve("models--org--tiny/blobs")
                .resolve(FakeHub.hash("SHA-256", weights) + ".f0e4f0e4.incomplete");
        Files.write(part, new byte[1000]);
        fake.ignoresRanges = true;
        requireWhole(pull());
    }

    @Test
    void oldPartWithWrongBytesIsFetchedAgain() throws IOException {
        Files.createDirectories(folder.resolve("models--org--tiny/blobs"));
        Path part = folder.resolve("models--org--tiny/blobs")
                .resolve(FakeHub.hash("SHA-256", weights) + ".f0e4f0e4.incomplete");
        Files.write(part, new byte[1000]);
        requireWhole(pull());
    }

    @Test
    void wrongContentIsNotKept() throws IOException {
        fake.files.remove("empty");
        fake.wrongContent = true;
        assertThatThrownBy(this::pull)
                .isInstanceOf(HubException.class)
                .hasMessageMatching("config.json: SHA-1 [0-9a-f]{40}, wanted [0-9a-f]{40}; nothing was kept");
        assertThatThrownBy(
                        () -> pull(settings(null, false, true), TINY, new Choice(List.of("*.safetensors"), List.of())))
                .hasMessageMatching("model.safetensors: SHA-256 [0-9a-f]{64}, wanted [0-9a-f]{64}; nothing was kept");
        assertThat(leftovers()).isEmpty();
        try (Stream<Path> blobs = Files.list(folder.resolve("models--org--tiny/blobs"))) {
            assertThat(blobs).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401|             ||org/tiny: the hub has no such model, or wants a token to show it: set HF_TOKEN",
                "401|             |t|org/tiny: the hub does not take this token; set HF_TOKEN to a valid one",
                "403|GatedRepo    |t|org/tiny: access is not granted; ask for it at",
                "401|GatedRepo    ||org/tiny: access wants an account: ask for it at",
                "404|RepoNotFound |t|org/tiny: the hub has no such model, or this token may not see it",
                "404|RevisionNotFound|t|org/tiny has no revision main",
                "418|             |t|org/tiny: the hub answers 418 to http"
            })
    void refusalsAreOneLine(int status, @Nullable String code, @Nullable String token, String message) {
        fake.refusals.put(
                "/api/",
                new ArrayList<>(List.of(new Refusal(status, code == null ? Map.of() : Map.of("X-Error-Code", code)))));
        assertThatThrownBy(() -> pull(settings(token, false, true), TINY, Choice.ALL))
                .isInstanceOf(HubException.class)
                .hasMessageStartingWith(message)
                .hasMessageNotContaining("\n");
        assertThat(slept).isEmpty();
    }

    @Test
    void busyServerIsAskedAgainWhenItSays() throws IOException {
        fake.refusals.put(
                "/api/",
                new ArrayList<>(List.of(new Refusal(429, Map.of("Retry-After", "7")), new Refusal(500, Map.of()))));
        requireWhole(pull());
        assertThat(slept.getFirst()).isEqualTo(Duration.ofSeconds(7));
        assertThat(slept).hasSize(2);
    }

    @Test
    void serverThatStaysBusyIsGivenUp() {
        fake.refusals.put(
                "/api/", new ArrayList<>(Collections.nCopies(9, new Refusal(429, Map.of("Retry-After", "100")))));
        assertThatThrownBy(this::pull).hasMessage("127.0.0.1: status 429, 4 times; try again later");
    }

    @Test
    void tokenGoesToTheHubAndNowhereElse() {
        pull(settings("secret", false, true), TINY, Choice.ALL);
        assertThat(fake.tokens).isNotEmpty().allMatch(t -> t.startsWith("127.0.0.1:") && t.endsWith(" Bearer secret"));
    }

    @Test
    void chosenFilesAlone() {
        Pulled pulled =
                pull(settings(null, false, true), TINY, new Choice(List.of("*.json", "sub*/**"), List.of("*.txt")));
        assertThat(pulled.files()).isEqualTo(1);
        assertThatThrownBy(() -> pull(settings(null, false, true), TINY, new Choice(List.of("*.gguf"), List.of())))
                .hasMessage("org/tiny: none of its files was chosen");
    }

    @Test
    void withoutLinksSnapshotsHoldTheFiles() throws IOException {
        Pulled pulled = pull(settings(null, false, false), TINY, Choice.ALL);
        requireWhole(pulled);
        assertThat(Files.isSymbolicLink(pulled.folder().resolve("model.safetensors")))
                .isFalse();
    }

    @Test
    void offlineTakesWhatIsThere() {
        assertThatThrownBy(() -> pull(settings(null, true, true), TINY, Choice.ALL))
                .hasMessage("org/tiny@main is not in the cache, and HF_HUB_OFFLINE is set");
        Pulled pulled = pull();
        fake.close();
        assertThat(pull(settings(null, true, true), TINY, Choice.ALL)).isEqualTo(pulled);
    }

    @Test
    void filesThatLeadOutOfTheFolderAreRefused() {
        fake.files.put("../evil", new byte[1]);
        assertThatThrownBy(this::pull).hasMessageContaining("which leads out of a folder");
        assertThat(folder.resolve("models--org--tiny/snapshots/evil")).doesNotExist();
    }

    @Test
    void environmentIsThePythonClients() throws IOException {
        Path home = folder.resolve("user");
        HubSettings plain = HubSettings.of(Map.of(), home);
        assertThat(plain.endpoint()).isEqualTo(URI.create("https://huggingface.co"));
        assertThat(plain.cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(plain.token()).isNull();
        Path hf = Files.createDirectories(folder.resolve("hf"));
        Files.writeString(hf.resolve("token"), "abc\n");
        HubSettings set = HubSettings.of(
                Map.of("HF_HOME", hf.toString(), "HF_ENDPOINT", "http://x:1/", "HF_HUB_OFFLINE", "1"), home);
        assertThat(set.cache()).isEqualTo(hf.resolve("hub"));
        assertThat(set.token()).isEqualTo("abc");
        assertThat(set.endpoint()).isEqualTo(URI.create("http://x:1"));
        assertThat(set.offline()).isTrue();
        assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", "ftp://x"), home))
                .hasMessageContaining("HF_ENDPOINT");
    }

    @ParameterizedTest
    @CsvSource({"../x", "a/b/c", "/a", "a/../b", "a@", "''", "a b/c", "org/x@../y"})
    void namesThatAreNone(String name) {
        assertThatThrownBy(() -> RepoId.parse(name)).isInstanceOf(HubException.class);
    }
}
