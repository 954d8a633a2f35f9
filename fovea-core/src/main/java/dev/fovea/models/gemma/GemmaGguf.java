package dev.fovea.models.gemma;

import dev.fovea.checkpoint.DType;
import dev.fovea.checkpoint.GgufFile;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.nn.Params;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Gemma 3 out of GGUF files. Quantised weights are decoded on reading. */
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
        GgufFile pictures = projector != null
                ? GgufFile.open(projector)
                : file.metadata().has("gemma3.vision.block_count") ? file : null;
        VisionConfig vision = pictures == null ? null : new GgufConfig(pictures).vision(0);
        NameMap names = GgufNames.text(decoder.tied()).ignoring("rope_freqs.weight");
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
