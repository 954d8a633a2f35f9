package dev.fovea.models.gemma;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.DType;
import dev.fovea.checkpoint.PlannedTensor;
import dev.fovea.checkpoint.SafetensorsFile;
import dev.fovea.checkpoint.StoredTensor;
import dev.fovea.checkpoint.Weights;
import dev.fovea.kernel.Matrix;
import dev.fovea.nn.Params;
import dev.fovea.text.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Model folders of our own, whose matrices are packed as the kernels multiply them and are mapped, not read. {@code model.safetensors}
 * has the parameters by our names and says so in its metadata; {@code config.json}, tokenizer and the rest are those of the folder it
 * was made from.
 */
public final class PackedFolder {

    private static final String FILE = "model.safetensors";
    private static final String FORMAT = "fovea-packed-";
    private static final String VERSION = FORMAT + "1";

    private PackedFolder() {}

    /** Whether the folder's weights are packed, by this version or another. */
    public static boolean is(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return opened.metadata().getOrDefault("format", "").startsWith(FORMAT);
        }
    }

    /** The format of a folder's weights; null where they are not packed. */
    public static @Nullable WeightFormat format(Path folder) {
        if (!is(folder)) {
            return null;
        }
        try (SafetensorsFile opened = SafetensorsFile.open(folder.resolve(FILE))) {
            return format(opened.path(), opened.metadata());
        }
    }

    private static WeightFormat format(Path file, Map<String, String> metadata) {
        String version = metadata.getOrDefault("format", "");
        if (!version.equals(VERSION)) {
            throw new IllegalArgumentException(
                    "%s: packed as %s, this version of Fovea reads %s".formatted(file, version, VERSION));
        }
        try {
            return WeightFormat.of(metadata.getOrDefault("weights", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /**
     * Packs the decoder of a Hugging Face folder; a picture tower is written as it is. One matrix at a time is in memory, and the
     * file appears whole or not at all.
     *
     * @param target a folder without a model
     */
    public static void write(Path source, Path target, WeightFormat format) {
        if (is(source)) {
            throw new IllegalArgumentException(
                    source + ": holds packed weights already; pack the folder they were made from");
        }
        if (Files.exists(target.resolve(FILE))) {
            throw new IllegalArgumentException(target + ": holds a model already; nothing was written");
        }
        try (GemmaCheckpoint checkpoint = GemmaCheckpoint.read(source, null)) {
            Gemma model = checkpoint.model();
            GemmaKernels.requireWriter(model.config().text());
            Files.createDirectories(target);
            copyDocuments(source, target);
            if (Files.exists(target.resolve("tokenizer.json"))) {
                HuggingFaceTokenizer.prepare(target.resolve("tokenizer.json"));
            }
            boolean isBf16 = model.text().tokens().weight().scalar_type().intern() == ScalarType.BFloat16;
            Checkpoints.writePlanned(
                    target.resolve(FILE),
                    planned(checkpoint, format),
                    Map.of(
                            "format",
                            VERSION,
                            "weights",
                            format.label(),
                            "stored",
                            (isBf16 ? DType.BF16 : DType.F32).name()));
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(target, e.getMessage()), e);
        }
    }

    private static SequencedMap<String, PlannedTensor> planned(GemmaCheckpoint checkpoint, WeightFormat format) {
        var planned = new LinkedHashMap<String, PlannedTensor>();
        SequencedMap<String, Tensor> table = Packing.table(checkpoint.model().text());
        checkpoint.params().table().forEach((name, x) -> {
            if (!table.containsKey(name) || x.dim() != 2) {
                planned.put(name, Checkpoints.planned(name, x));
                return;
            }
            int rows = Math.toIntExact(x.size(0));
            int columns = Math.toIntExact(x.size(1));
            WeightFormat own = format.ofMatrix(name);
            planned.put(name, new PlannedTensor(type(own), shape(own, rows, columns), arena -> new Packing(
                            table, format, arena)
                    .memory(name, arena)));
        });
        return planned;
    }

    private static DType type(WeightFormat format) {
        return format == WeightFormat.BF16 ? DType.BF16 : DType.U8;
    }

    /** Rows as they are, or groups of packed rows with the bytes of each. */
    private static long[] shape(WeightFormat format, int rows, int columns) {
        int groups = Math.ceilDiv(rows, 16);
        return format == WeightFormat.BF16
                ? new long[] {rows, columns}
                : new long[] {groups, format.bytes(rows, columns) / groups};
    }

    private static void copyDocuments(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = String.valueOf(file.getFileName());
                boolean isDocument = Stream.of(".json", ".jinja", ".model").anyMatch(name::endsWith);
                if (isDocument && !name.endsWith(".safetensors.index.json")) {
                    Files.write(target.resolve(name), Files.readAllBytes(file));
                }
            }
        }
    }

    /**
     * Maps a folder's weights.
     *
     * @throws IllegalArgumentException where a tensor is missing, left over, or of another type or shape than the configuration and
     *     the format want
     */
    @SuppressWarnings("MustBeClosedChecker") // the arena goes with the kernels
    static KernelModel open(Path folder, int threads) {
        GemmaConfig config = GemmaConfig.read(folder.resolve("config.json"));
        DecoderConfig text = GemmaKernels.requireWriter(config.text());
        try (Weights weights = Checkpoints.open(folder.resolve(FILE))) {
            WeightFormat format = format(weights.path(), weights.metadata());
            var file = new Mapped(weights, format, ConcurrentHashMap.newKeySet());
            KernelWeights packed = KernelWeights.of(text, file);
            var others = new LinkedHashMap<String, Tensor>();
            weights.tensors().forEach((name, x) -> {
                if (!file.seen.contains(name)) {
                    others.put(name, Checkpoints.tensor(x));
                }
            });
            Params params = Params.of(others);
            try {
                VisionConfig vision = config.vision();
                VisionEmbedder tower = vision == null
                        ? null
                        : VisionEmbedder.of(params.at("vision"), params.at("projector"), vision, text.width());
                params.requireNoLeftovers();
                return new KernelModel(
                        config, new GemmaKernels(config, format, packed, tower, threads, Arena.ofShared()), params);
            } catch (RuntimeException e) {
                params.close();
                throw e;
            }
        }
    }

    /** The parameters of an opened file. */
    private record Mapped(Weights file, WeightFormat format, Set<String> seen) implements KernelWeights.Source {

        @Override
        public Matrix matrix(String name, int rows, int columns) {
            WeightFormat own = format.ofMatrix(name);
            StoredTensor x = require(name, List.of(type(own)), shape(own, rows, columns));
            return own.matrix(x.data(), rows, columns);
        }

        @Override
        public float[] vector(String name, int size) {
            float[] values = require(name, List.of(DType.BF16, DType.F32), size).toFloats();
            for (int i = 0; i < size; i++) {
                if (!Float.isFinite(values[i])) {
                    throw new IllegalArgumentException("%s: %s [%d] is %s".formatted(file.path(), name, i, values[i]));
                }
            }
            return values;
        }

        @Override
        public float root(int width) {
            return Packing.root(width, "BF16".equals(file.metadata().get("stored")));
        }

        private StoredTensor require(String name, List<DType> types, long... shape) {
            StoredTensor x = file.tensor(name);
            seen.add(name);
            if (!types.contains(x.dtype()) || !Arrays.equals(x.shape(), shape)) {
                throw new IllegalArgumentException("%s: %s is %s, wanted %s %s for %s weights of this config.json"
                        .formatted(
                                file.path(),
                                name,
                                x.describe(),
                                types.getFirst(),
                                Arrays.toString(shape),
                                format.label()));
            }
            return x;
        }
    }
}
