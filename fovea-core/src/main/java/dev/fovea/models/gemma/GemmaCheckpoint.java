package dev.fovea.models.gemma;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.Weights;
import dev.fovea.nn.Params;
import java.nio.file.Path;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The network of a Hugging Face folder with its parameters.
 *
 * @param names the table between the folder's names and ours
 */
public record GemmaCheckpoint(Gemma model, Params params, NameMap names) implements AutoCloseable {

    /**
     * Reads {@code config.json} and the weights, in one file or in shards.
     *
     * @param type the type of the parameters in memory; null for that of the file, whose memory is then used as it is
     * @throws IllegalArgumentException where the configuration is wrong, or a tensor is missing, left over or of another
     *     shape than the configuration's
     */
    public static GemmaCheckpoint read(Path folder, @Nullable ScalarType type) {
        GemmaConfig config = GemmaConfig.read(folder.resolve("config.json"));
        try (Weights weights = Checkpoints.open(folder)) {
            NameMap names = GemmaNames.of(config, weights.tensors().keySet());
            names.requireAll(GemmaNames.required(config, names), weights);
            Params params = Params.of(type == null ? names.load(weights) : names.load(weights, type));
            try {
                Gemma model = Gemma.of(params, config);
                params.requireNoLeftovers();
                return new GemmaCheckpoint(model, params, names);
            } catch (RuntimeException e) {
                params.close();
                throw e;
            }
        }
    }

    @Override
    public void close() {
        params.close();
    }
}
