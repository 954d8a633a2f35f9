package dev.fovea.cli.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One model's part of the cache: contents by etag, commits as folders of links to them, branches as names of commits. */
final class HubCache {

    private static final String TAG = """
            Signature: 8a477f597d28d172789f06886806bc55
            # This folder is a cache of models of the Hugging Face hub.
            """;
    /** Eight digits stand there; ours are always these, so that the next pull finds what this one left. */
    private static final String INCOMPLETE = ".f0e4f0e4.incomplete";

    private final Path root;
    private final Path folder;
    private final String name;
    private final boolean symlinks;

    HubCache(HubSettings settings, RepoId repo) {
        this.root = settings.cache();
        this.name = repo.folder();
        this.folder = root.resolve(name);
        this.symlinks = settings.symlinks();
    }

    /** Makes the folders. */
    void prepare() throws IOException {
        Files.createDirectories(folder.resolve("blobs"));
        Files.createDirectories(root.resolve(".locks").resolve(name));
        if (!Files.exists(root.resolve("CACHEDIR.TAG"))) {
            write(root.resolve("CACHEDIR.TAG"), TAG);
        }
    }

    /** The folder of a commit. */
    Path snapshot(String commit) {
        return folder.resolve("snapshots").resolve(commit);
    }

    /** The commit that a branch was when it was last pulled; null where it never was. */
    @Nullable
    String commit(RepoId repo) throws IOException {
        if (repo.isCommit()) {
            return repo.revision();
        }
        Path ref = folder.resolve("refs").resolve(repo.revision());
        return Files.isRegularFile(ref) ? Files.readString(ref).strip() : null;
    }

    /** Remembers what commit a branch is. */
    void remember(RepoId repo, String commit) throws IOException {
        if (!repo.isCommit()) {
            write(folder.resolve("refs").resolve(repo.revision()), commit);
        }
    }

    Path blob(RemoteFile file) {
        return folder.resolve("blobs").resolve(file.etag());
    }

    Path incomplete(RemoteFile file) {
        return folder.resolve("blobs").resolve(file.etag() + INCOMPLETE);
    }

    /** Whether the snapshot has the file whole. */
    boolean has(String commit, RemoteFile file) throws IOException {
        Path link = snapshot(commit).resolve(file.path());
        return Files.isRegularFile(link) && Files.size(link) == file.size();
    }

    /** Bytes that can still be written there. */
    long space() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    /** Held by one process of ours at a time. */
    FileLock lock(RemoteFile file, FileChannel channel) throws IOException {
        FileLock lock = channel.tryLock();
        if (lock == null) {
            throw new HubException("%s: another process is fetching it".formatted(file.path()));
        }
        return lock;
    }

    FileChannel lockFile(RemoteFile file) throws IOException {
        return FileChannel.open(
                root.resolve(".locks").resolve(name).resolve(file.etag() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
    }

    /** Shows a blob in a snapshot, as a relative link; as the file itself where there are no links. */
    void link(String commit, RemoteFile file) throws IOException {
        Path link = snapshot(commit).resolve(file.path());
        Path parent = link.resolveSibling(".").normalize();
        Files.createDirectories(parent);
        Path work = link.resolveSibling("." + UUID.randomUUID() + ".tmp");
        if (symlinks) {
            try {
                Files.createSymbolicLink(work, parent.relativize(blob(file)));
            } catch (UnsupportedOperationException | IOException e) {
                Files.copy(blob(file), work); // file systems without links
            }
        } else {
            Files.move(blob(file), work);
        }
        if (Files.isDirectory(link, LinkOption.NOFOLLOW_LINKS)) {
            throw new HubException("%s is a folder, wanted to write a file there".formatted(link));
        }
        Files.move(work, link, ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        Path work = file.resolveSibling("." + UUID.randomUUID() + ".tmp");
        Files.write(work, text.getBytes(UTF_8));
        Files.move(work, file, ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
