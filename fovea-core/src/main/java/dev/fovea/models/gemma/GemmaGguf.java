package dev.fovea.models.gemma;

import dev.fovea.checkpoint.DType;
import dev.fovea.checkpoint.GgufFile;
import dev.fovea.checkpoint.GgufTensor;
import dev.fovea.checkpoint.GgufType;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.kernel.Bf16Matrix;
import dev.fovea.kernel.BlockFormat;
import dev.fovea.kernel.BlockMatrix;
import dev.fovea.kernel.Matrix;
import dev.fovea.nn.Params;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Gemma 3 out of GGUF files: as a network, whose quantised weights are decoded on reading, or on the kernels, which multiply them as they lie. */
public final class GemmaGguf {

    private GemmaGguf() {}

    /**
     * The network of a file of architecture {@code gemma3}, with pictures where there is a projector file or the file has
     * the tower itself.
     *
     * @param projector the {@code mmproj} file, null for none
     * @param type the type of the parameters in memory
     * @throws IllegalArgumentException where a tensor is missing, left over or of another shape than the metadata says
     */
    public static GemmaCheckpoint read(Path text, @Nullable Path projector, ScalarType type) {
        GgufFile file = GgufFile.open(text);
        DecoderConfig decoder = new GgufConfig(file).text();
        GgufFile pictures = pictures(file, projector);
        VisionConfig vision = pictures == null ? null : new GgufConfig(pictures).vision(0);
        NameMap names = textNames(decoder);
        var stored = new LinkedHashMap<>(file.weights(blocks(type)).tensors());
        if (pictures != null) {
            names = names.and(GgufNames.vision(new GgufConfig(pictures).isSwapped()));
            stored.putAll(pictures.weights(blocks(type)).tensors());
        }
        Params params = Params.of(names.load(text.toString(), stored, type));
        try {
            Gemma model = Gemma.of(params, new GemmaConfig(decoder, vision));
            params.requireNoLeftovers();
            return new GemmaCheckpoint(model, params, names);
        } catch (RuntimeException e) {
            params.close();
            throw e;
        }
    }

    /**
     * The decoder of a file of architecture {@code gemma3} on the kernels, its matrices where the mapped file has them.
     *
     * @param projector as {@link #read} wants it; the tower becomes bfloat16 where all its matrices are, else float32
     * @throws IllegalArgumentException as {@link #read}, and for matrices of integers
     */
    @SuppressWarnings("MustBeClosedChecker") // the arena goes with the kernels
    static KernelModel openKernels(GgufFile file, @Nullable Path projector, int threads) {
        DecoderConfig decoder = new GgufConfig(file).text();
        GgufFile pictures = pictures(file, projector);
        VisionConfig vision = pictures == null ? null : new GgufConfig(pictures).vision(0);
        NameMap towerNames = pictures == null ? NameMap.of() : GgufNames.vision(new GgufConfig(pictures).isSwapped());
        var source = new Blocks(file, textNames(decoder), new HashSet<>());
        KernelWeights weights = KernelWeights.of(decoder, source);
        Set<String> left = new HashSet<>(file.tensors().keySet());
        left.removeAll(source.seen);
        List<String> unknown = textNames(decoder)
                .and(pictures == file ? towerNames : NameMap.of())
                .leftovers(left);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("%s: %d tensors that a Gemma 3 of this metadata has not: %s"
                    .formatted(file.path(), unknown.size(), unknown));
        }
        Params params = pictures == null
                ? Params.of(new LinkedHashMap<>())
                : Params.of(tower(pictures, towerNames, pictures == file));
        try {
            VisionEmbedder tower = vision == null
                    ? null
                    : VisionEmbedder.of(params.at("vision"), params.at("projector"), vision, decoder.width());
            params.requireNoLeftovers();
            var config = new GemmaConfig(decoder, vision);
            return new KernelModel(
                    config, new GemmaKernels(config, null, weights, tower, threads, Arena.ofShared()), params);
        } catch (RuntimeException e) {
            params.close();
            throw e;
        }
    }

    private static @Nullable GgufFile pictures(GgufFile text, @Nullable Path projector) {
        if (projector != null) {
            return GgufFile.open(projector);
        }
        return text.metadata().has("gemma3.vision.block_count") ? text : null;
    }

    private static NameMap textNames(DecoderConfig decoder) {
        return GgufNames.text(decoder.tied()).ignoring("rope_freqs.weight");
    }

    private static SequencedMap<String, Tensor> tower(GgufFile file, NameMap names, boolean isAmongOthers) {
        Predicate<String> wanted =
                name -> !isAmongOthers || names.leftovers(List.of(name)).isEmpty();
        boolean isBf16 = file.tensors().values().stream()
                .filter(x -> wanted.test(x.name()) && x.shape().length > 1)
                .allMatch(x -> x.type() == GgufType.BF16);
        ScalarType type = isBf16 ? ScalarType.BFloat16 : ScalarType.Float;
        return names.load(file.weights(blocks(type), wanted), type);
    }

    /** A file's tensors where they lie. */
    private record Blocks(GgufFile file, NameMap names, Set<String> seen) implements KernelWeights.Source {

        @Override
        public Matrix matrix(String name, int rows, int columns) {
            GgufTensor x = require(name, rows, columns);
            if (x.type() == GgufType.BF16) {
                return Bf16Matrix.of(x.data(), rows, columns);
            }
            BlockFormat format = x.type().blocks();
            if (format == null) {
                throw new IllegalArgumentException(
                        "%s: %s is %s, wanted floats or blocks".formatted(file.path(), x.name(), x.describe()));
            }
            return BlockMatrix.of(format, x.data(), rows, columns);
        }

        /** Norms are stored as 1 + w. */
        @Override
        public float[] vector(String name, int size) {
            GgufTensor x = require(name, size);
            float[] values = x.toFloats();
            for (int i = 0; i < size; i++) {
                if (!Float.isFinite(values[i])) {
                    throw new IllegalArgumentException(
                            "%s: %s [%d] is %s".formatted(file.path(), x.name(), i, values[i]));
                }
                values[i] -= 1;
            }
            return values;
        }

        /** Not rounded, as in float32. */
        @Override
        public float root(int width) {
            return Packing.root(width, false);
        }

        private GgufTensor require(String name, long... shape) {
            String theirs = names.theirs(name).getFirst();
            GgufTensor x = file.tensor(theirs);
            seen.add(theirs);
            if (!Arrays.equals(x.shape(), shape)) {
                throw new IllegalArgumentException("%s: %s is %s, wanted %s for this metadata"
                        .formatted(file.path(), theirs, x.describe(), Arrays.toString(shape)));
            }
            return x;
        }
    }

    /**
     * What turns pictures into soft tokens, out of a projector file alone.
     *
     * @param numTokens soft tokens a picture, 0 for the published 256
     */
    public static Projector readProjector(Path projector, int numTokens, ScalarType type) {
        GgufFile file = GgufFile.open(projector);
        var config = new GgufConfig(file);
        int textWidth = Math.toIntExact(file.metadata().integer("clip.vision.projection_dim"));
        Params params = Params.of(GgufNames.vision(config.isSwapped()).load(file.weights(blocks(type)), type));
        try {
            VisionEmbedder embedder =
                    VisionEmbedder.of(params.at("vision"), params.at("projector"), config.vision(numTokens), textWidth);
            params.requireNoLeftovers();
            return new Projector(embedder, params);
        } catch (RuntimeException e) {
            params.close();
            throw e;
        }
    }

    private static DType blocks(ScalarType type) {
        return type.intern() == ScalarType.BFloat16 ? DType.BF16 : DType.F32;
    }

    /** A projector file's network with its parameters. */
    public record Projector(VisionEmbedder embedder, Params params) implements AutoCloseable {

        @Override
        public void close() {
            params.close();
        }
    }
}
