package dev.fovea.bench;

import dev.fovea.models.gemma.DecoderConfig;
import dev.fovea.models.gemma.DecoderLayer;
import dev.fovea.models.gemma.GemmaConfig;
import dev.fovea.models.gemma.VisionEmbedder;
import dev.fovea.nn.Embedding;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import dev.fovea.nn.RmsNorm;
import dev.fovea.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A full-size Gemma 3 with random bfloat16 weights in the published layout, for timings and memory where the published ones cannot be
 * had: {@code RandomGemma gemma3-4b FOLDER [TOKENIZER_FOLDER]}.
 */
public final class RandomGemma {

    private static final Init INIT = Init.normal(0.02);

    private RandomGemma() {}

    public static void main(String[] args) throws IOException {
        if (args.length < 2) {
            throw new IllegalArgumentException("wanted a size such as gemma3-1b, a folder, and perhaps a tokenizer's");
        }
        GemmaConfig config = GemmaConfig.of(GemmaConfig.size(args[0]));
        Path folder = Files.createDirectories(Path.of(args[1]));
        try (Params params = Params.fresh(0);
                var _ = new Scope()) {
            draw(params, config);
            GemmaFolder.write(folder, config, params, args.length > 2 ? Path.of(args[2]) : null);
            System.out.printf("%s: %,d parameters%n", folder, params.count());
        }
    }

    /** Part by part, each narrowed to bfloat16 before the next: the whole in float32 may be more than there is memory. */
    private static void draw(Params params, GemmaConfig config) {
        DecoderConfig c = config.text();
        Params text = params.at("text");
        Embedding.of(text.at("token_embedding"), c.vocabSize(), c.width(), INIT);
        narrow(params);
        for (int i = 0; i < c.depth(); i++) {
            DecoderLayer.of(text.at("layers", i), c, INIT);
            narrow(params);
        }
        RmsNorm.of(text.at("norm"), c.width(), c.normEps());
        if (config.vision() != null) {
            VisionEmbedder.of(params.at("vision"), params.at("projector"), config.vision(), c.width());
        }
        narrow(params);
    }

    static void narrow(Params params) {
        for (Tensor x : params.table().values()) {
            if (x.scalar_type().intern() == ScalarType.Float) {
                try (var _ = new Scope()) {
                    x.set_data(x.to(ScalarType.BFloat16));
                }
            }
        }
    }
}
