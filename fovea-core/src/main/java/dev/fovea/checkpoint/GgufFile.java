package dev.fovea.checkpoint;

import dev.fovea.text.SentencePiece;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF file of version 2 or 3, memory-mapped: metadata, tensors, vocabulary and chat template. What contradicts itself
 * is refused on opening, with a message that names the file and the key or tensor.
 */
public final class GgufFile {

    private final Path path;
    private final GgufMetadata metadata;
    private final SequencedMap<String, GgufTensor> tensors;

    private GgufFile(Path path, GgufHeader header) {
        this.path = path;
        this.metadata = header.metadata();
        var byName = new LinkedHashMap<String, GgufTensor>();
        header.tensors().forEach(x -> byName.put(x.name(), x));
        this.tensors = Collections.unmodifiableSequencedMap(byName);
    }

    /** Maps the file and checks its header. */
    public static GgufFile open(Path path) {
        return of(path, Mapping.of(path));
    }

    static GgufFile of(Path path, MemorySegment file) {
        return new GgufFile(path, GgufHeader.read(path, file));
    }

    /** The file's path. */
    public Path path() {
        return path;
    }

    /** The key-value part. */
    public GgufMetadata metadata() {
        return metadata;
    }

    /** What the file is a model of: {@code gemma3}, or {@code clip} for a projector. */
    public String architecture() {
        return metadata.string("general.architecture");
    }

    /** The tensors as they are stored, in the order of the header. */
    public SequencedMap<String, GgufTensor> tensors() {
        return tensors;
    }

    /** The tensor of this name; a missing one is an error that names its neighbours. */
    public GgufTensor tensor(String name) {
        GgufTensor found = tensors.get(name);
        if (found == null) {
            throw BadFile.of(path, "no tensor " + name + Neighbours.of(name, tensors.keySet()));
        }
        return found;
    }

    /** The tensors as plain numbers: quantised ones are decoded now, to float32 or bfloat16, into memory of their own. */
    public Weights weights(DType blocksAs) {
        return weights(blocksAs, _ -> true);
    }

    /** The same, with only the wanted tensors; the others are not decoded. */
    public Weights weights(DType blocksAs, Predicate<String> wanted) {
        var plain = new LinkedHashMap<String, StoredTensor>();
        tensors.forEach((name, x) -> {
            if (wanted.test(name)) {
                plain.put(name, x.dequantised(blocksAs));
            }
        });
        var strings = new LinkedHashMap<String, String>();
        metadata.values().forEach((key, value) -> {
            if (!(value instanceof List)) {
                strings.put(key, value.toString());
            }
        });
        return new Weights(path, Weights.Kind.GGUF, plain, strings);
    }

    /** The vocabulary in the file, as a tokenizer. */
    public SentencePiece tokenizer() {
        return SentencePiece.of(GgufVocabulary.model(path, metadata), path.toString());
    }

    /** The id of a special token such as {@code bos}, {@code eos}, {@code padding}; -1 where the file names none. */
    public int tokenId(String role) {
        return (int) metadata.integer("tokenizer.ggml." + role + "_token_id", -1);
    }

    /** The chat template in the file, Jinja; null where it has none. */
    public @Nullable String chatTemplate() {
        return metadata.has("tokenizer.chat_template") ? metadata.string("tokenizer.chat_template") : null;
    }
}
