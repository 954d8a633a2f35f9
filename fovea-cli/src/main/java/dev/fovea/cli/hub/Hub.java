package dev.fovea.cli.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The Hugging Face hub with its cache on this machine. */
public final class Hub implements AutoCloseable {

    private final HubSettings settings;
    private final HubHttp.Sleeper sleeper;
    private final HubHttp http;

    /** The hub of the settings; {@code notes} gets a line before each wait for a server that is busy or away. */
    public Hub(HubSettings settings, Consumer<String> notes) {
        this(settings, (duration, why) -> {
            notes.accept("%s; again in %.1f s".formatted(why, duration.toMillis() / 1000.0));
            sleep(duration);
        });
    }

    Hub(HubSettings settings, HubHttp.Sleeper sleeper) {
        this.settings = settings;
        this.sleeper = sleeper;
        this.http = new HubHttp(settings, sleeper);
    }

    /** Is told how far a pull is. */
    public interface Progress {

        /** So many files of so many bytes will be there. */
        void begins(int files, long bytes);

        /** A file has so many of its bytes now; all of them at its end. */
        void at(String path, long bytes, long of);
    }

    /**
     * Which files.
     *
     * @param include globs of paths such as {@code *.safetensors}; empty for all
     * @param exclude globs of paths that are left out nevertheless
     */
    public record Choice(List<String> include, List<String> exclude) {

        /** Everything. */
        public static final Choice ALL = new Choice(List.of(), List.of());

        boolean takes(String path) {
            return (include.isEmpty() || fits(include, path)) && !fits(exclude, path);
        }

        private static boolean fits(List<String> globs, String path) {
            return globs.stream().anyMatch(glob -> {
                PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
                Path file = Path.of(path);
                return matcher.matches(file) || matcher.matches(Path.of(String.valueOf(file.getFileName())));
            });
        }
    }

    /** What a pull has brought: the folder to open, and what is in it. */
    public record Pulled(Path folder, String commit, int files, long bytes) {}

    /**
     * Brings a model's files into the cache. What is there already is not fetched again; the branch points to the new commit
     * once all its files are there.
     *
     * @throws HubException with one line for everything that the hub refuses or the network does not deliver
     */
    public Pulled pull(RepoId repo, Choice choice, Progress progress) {
        var cache = new HubCache(settings, repo);
        try {
            if (settings.offline()) {
                return cached(repo, cache);
            }
            var api = new HubApi(settings.endpoint(), http);
            String commit = repo.isCommit() ? repo.revision() : api.commit(repo);
            var files = new ArrayList<RemoteFile>();
            for (String path : api.paths(repo, commit)) {
                if (choice.takes(path)) {
                    files.add(api.file(repo, commit, path));
                }
            }
            if (files.isEmpty()) {
                throw new HubException("%s: none of its files was chosen".formatted(repo.name()));
            }
            cache.prepare();
            long bytes = files.stream().mapToLong(RemoteFile::size).sum();
            progress.begins(files.size(), bytes);
            requireSpace(cache, commit, files);
            var download = new Download(api, cache, sleeper, settings.timeout());
            for (RemoteFile file : files) {
                if (!cache.has(commit, file)) {
                    download.run(repo, commit, file, n -> {
                        if (n < file.size()) {
                            progress.at(file.path(), n, file.size());
                        }
                    });
                    cache.link(commit, file);
                }
                progress.at(file.path(), file.size(), file.size());
            }
            cache.remember(repo, commit);
            return new Pulled(cache.snapshot(commit), commit, files.size(), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s: %s: %s".formatted(settings.cache(), e.getClass().getSimpleName(), e.getMessage()), e);
        }
    }

    private static Pulled cached(RepoId repo, HubCache cache) throws IOException {
        String commit = cache.commit(repo);
        if (commit == null || !Files.isDirectory(cache.snapshot(commit))) {
            throw new HubException(
                    "%s@%s is not in the cache, and HF_HUB_OFFLINE is set".formatted(repo.name(), repo.revision()));
        }
        try (var all = Files.walk(cache.snapshot(commit))) {
            List<Path> files = all.filter(Files::isRegularFile).toList();
            long bytes = 0;
            for (Path file : files) {
                bytes += Files.size(file);
            }
            return new Pulled(cache.snapshot(commit), commit, files.size(), bytes);
        }
    }

    private static void requireSpace(HubCache cache, String commit, List<RemoteFile> files) throws IOException {
        long wanted = 0;
        for (RemoteFile file : files) {
            Path part = cache.incomplete(file);
            boolean there = cache.has(commit, file) || Files.exists(cache.blob(file));
            wanted += there ? 0 : file.size() - (Files.exists(part) ? Files.size(part) : 0);
        }
        if (wanted > cache.space()) {
            throw new HubException(
                    "%,d bytes are still to come, the disk of the cache has %,d left".formatted(wanted, cache.space()));
        }
    }

    private static void sleep(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException("interrupted");
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
