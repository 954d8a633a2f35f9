package dev.fovea.checkpoint;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A safetensors file, memory-mapped. Everything the format's reference reader rejects is rejected on opening, with a
 * message that names the file and the tensor; the header may take at most {@value SafetensorsHeader#MAX_BYTES} bytes.
 */
public final class SafetensorsFile implements AutoCloseable {

    private final Path path;
    private final Map<String, String> metadata;
    private final SequencedMap<String, StoredTensor> tensors;
    private volatile boolean closed;

    private SafetensorsFile(Path path, Map<String, String> metadata, SequencedMap<String, StoredTensor> tensors) {
        this.path = path;
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /** Maps the file and checks its header. */
    public static SafetensorsFile open(Path path) {
        return of(path, Mapping.of(path));
    }

    static SafetensorsFile of(Path path, MemorySegment file) {
        SafetensorsHeader header = SafetensorsHeader.read(path, file);
        var tensors = new LinkedHashMap<String, StoredTensor>();
        for (SafetensorsHeader.Entry entry : header.entries()) {
            MemorySegment data = file.asSlice(header.dataStart() + entry.begin(), entry.end() - entry.begin());
            tensors.put(entry.name(), new StoredTensor(entry.name(), entry.dtype(), entry.shape(), data));
        }
        return new SafetensorsFile(
                path, Collections.unmodifiableMap(header.metadata()), Collections.unmodifiableSequencedMap(tensors));
    }

    /** The file's path. */
    public Path path() {
        return path;
    }

    /** The tensors in the order of their data. */
    public SequencedMap<String, StoredTensor> tensors() {
        checkOpen();
        return tensors;
    }

    /** The tensor of this name; a missing one is an error that names its neighbours. */
    public StoredTensor tensor(String name) {
        StoredTensor found = tensors().get(name);
        if (found == null) {
            throw BadFile.of(path, "no tensor " + name + Neighbours.of(name, tensors.keySet()));
        }
        return found;
    }

    /** The header's {@code __metadata__}, empty where there is none. */
    public Map<String, String> metadata() {
        checkOpen();
        return metadata;
    }

    /**
     * Ends the use of this object. Stored tensors and engine tensors taken from it stay valid: the mapping goes with
     * the last of them.
     */
    @Override
    public void close() {
        closed = true;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(path + ": this file object is closed");
        }
    }
}
