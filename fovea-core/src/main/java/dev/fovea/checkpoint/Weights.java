package dev.fovea.checkpoint;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SequencedMap;

/**
 * An opened checkpoint, whatever its files: {@link Checkpoints#open}. After {@link #close()} this object refuses to be
 * used; stored tensors and engine tensors taken from it stay valid, the memory goes with the last of them.
 */
public final class Weights implements AutoCloseable {

    /** What kind of files a checkpoint has. */
    public enum Kind {
        SAFETENSORS,
        SHARDED_SAFETENSORS,
        SHARDED_MSGPACK,
        NPZ,
        GGUF,
        TORCH
    }

    private final Path path;
    private final Kind kind;
    private final SequencedMap<String, StoredTensor> tensors;
    private final Map<String, String> metadata;
    private volatile boolean closed;

    Weights(Path path, Kind kind, SequencedMap<String, StoredTensor> tensors, Map<String, String> metadata) {
        this.path = path;
        this.kind = kind;
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /** The file that was opened; the index of a sharded checkpoint. */
    public Path path() {
        return path;
    }

    /** What kind of files it has. */
    public Kind kind() {
        return kind;
    }

    /** The tensors by name, in the order of the files. */
    public SequencedMap<String, StoredTensor> tensors() {
        checkOpen();
        return tensors;
    }

    /** The tensor of this name; a missing one is an error that names its neighbours. */
    public StoredTensor tensor(String name) {
        StoredTensor found = tensors().get(name);
        if (found == null) {
            throw new IllegalArgumentException(
                    "%s: no tensor %s%s".formatted(path, name, Neighbours.of(name, tensors.keySet())));
        }
        return found;
    }

    /** Metadata of the files, empty where they have none. */
    public Map<String, String> metadata() {
        checkOpen();
        return metadata;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(path + ": these weights are closed");
        }
    }
}
