package dev.fovea.checkpoint;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Named tensors on disk and in the engine. */
public final class Checkpoints {

    static final String MODEL = "model.safetensors";

    private static final List<String> TORCH = List.of(".pth", ".pt", ".ckpt", ".bin");

    private Checkpoints() {}

    /**
     * Opens a checkpoint: a {@code .safetensors} file, a {@code .npz} or {@code .gguf} file, one of {@code torch.save}
     * ({@code .pth}, {@code .pt}, {@code .ckpt} or {@code .bin}), an index of safetensors
     * shards or of MessagePack ones ({@code .index}), or a folder that holds {@code model.safetensors} or
     * {@code model.safetensors.index.json}.
     */
    public static Weights open(Path path) {
        return open(path, _ -> true);
    }

    /** The same, with only those tensors whose name in the file is wanted; the others are not read. */
    public static Weights open(Path path, Predicate<String> wanted) {
        Path file = Files.isDirectory(path) ? inFolder(path) : path;
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".npz")) {
            return new Weights(file, Weights.Kind.NPZ, NpzFile.read(file, wanted), Map.of());
        }
        if (TORCH.stream().anyMatch(name::endsWith)) {
            return new Weights(file, Weights.Kind.TORCH, TorchFile.read(file, wanted), Map.of());
        }
        Weights all;
        if (name.endsWith(".safetensors.index.json")) {
            all = Shards.open(file);
        } else if (name.endsWith(MsgpackShards.SUFFIX)) {
            all = new Weights(file, Weights.Kind.SHARDED_MSGPACK, MsgpackShards.read(file), Map.of());
        } else if (name.endsWith(".safetensors")) {
            try (var opened = SafetensorsFile.open(file)) {
                all = new Weights(file, Weights.Kind.SAFETENSORS, opened.tensors(), opened.metadata());
            }
        } else if (name.endsWith(".gguf")) {
            all = GgufFile.open(file).weights(DType.F32, wanted);
        } else {
            throw BadFile.of(
                    file,
                    "not a checkpoint by its name, wanted .safetensors, .npz, .gguf, .pth, .pt, .ckpt, .bin, .index or a folder");
        }
        var some = new LinkedHashMap<>(all.tensors());
        some.keySet().removeIf(wanted.negate());
        return new Weights(file, all.kind(), some, all.metadata());
    }

    private static Path inFolder(Path folder) {
        for (String name : List.of(MODEL, Shards.INDEX)) {
            if (Files.exists(folder.resolve(name))) {
                return folder.resolve(name);
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names = files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
            throw BadFile.of(
                    folder,
                    "neither %s nor %s in it, but %s".formatted(MODEL, Shards.INDEX, Neighbours.abbreviate(names)));
        } catch (IOException e) {
            throw BadFile.of(folder, e);
        }
    }

    /** All tensors of a file by name, on the engine's device. They belong to the caller, usually a {@code Params}. */
    public static SequencedMap<String, Tensor> own(Path path) {
        var tensors = new LinkedHashMap<String, Tensor>();
        try (Weights weights = open(path);
                var scope = new Scope()) {
            weights.tensors().forEach((name, x) -> tensors.put(name, scope.release(Engine.toDevice(tensor(x)))));
        }
        return tensors;
    }

    /** The same, and with {@code doubles} what is floating point in float64. */
    public static SequencedMap<String, Tensor> own(Path path, boolean doubles) {
        return doubles ? widened(own(path)) : own(path);
    }

    /** The tensors of a map that the caller owns, those of floating point replaced by float64. */
    public static SequencedMap<String, Tensor> widened(SequencedMap<String, Tensor> tensors) {
        try (var scope = new Scope()) {
            tensors.replaceAll((_, x) -> {
                if (!x.is_floating_point()) {
                    return x;
                }
                Tensor wide = scope.release(x.to(ScalarType.Double));
                x.close();
                return wide;
            });
        }
        return tensors;
    }

    /**
     * Writes a safetensors file that Hugging Face's libraries read. It appears whole or not at all: a kill or a power
     * loss leaves what was there before.
     */
    public static void write(Path path, SequencedMap<String, Tensor> tensors, Map<String, String> metadata) {
        AtomicFiles.write(path, new SafetensorsWriter(tensors, metadata)::writeTo);
    }

    /** The same for tensors that are made when their turn comes; the data begins at a multiple of 64 bytes. */
    public static void writePlanned(
            Path path, SequencedMap<String, PlannedTensor> tensors, Map<String, String> metadata) {
        AtomicFiles.write(path, new SafetensorsWriter(tensors, metadata, 64)::writeTo);
    }

    /** An engine tensor among such. */
    public static PlannedTensor planned(String name, Tensor x) {
        return SafetensorsWriter.planned(name, x);
    }

    /**
     * Writes a checkpoint into {@code folder} as Hugging Face's libraries do: {@code model.safetensors} where it fits
     * into {@code maxShardBytes}, else shards and, last, their index.
     */
    public static void writeSharded(
            Path folder, SequencedMap<String, Tensor> tensors, Map<String, String> metadata, long maxShardBytes) {
        Shards.write(folder, tensors, metadata, maxShardBytes);
    }

    /**
     * The stored tensor as an engine tensor of the same type on the CPU, over the stored bytes themselves where they
     * lie aligned in native memory and can be written to, else a copy of them. The bytes stay alive as long as native
     * code has use for them; in-place changes do not reach the file.
     *
     * <p>It belongs to the {@link Scope} that is open, as every tensor does.
     */
    public static Tensor tensor(StoredTensor stored) {
        Engine.start();
        MemorySegment data = stored.data();
        var type = EngineTypes.of(stored);
        boolean usable = data.isNative()
                && !data.isReadOnly()
                && data.byteSize() > 0
                && data.address() % (stored.dtype().bits() / 8) == 0;
        return usable ? Borrowed.tensor(data, stored.shape(), type) : Borrowed.copy(data, stored.shape(), type);
    }
}
