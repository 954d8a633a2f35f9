package dev.fovea.verify;

import dev.fovea.checkpoint.GgufFile;
import dev.fovea.checkpoint.GgufTensor;
import dev.fovea.generate.Decoding;
import dev.fovea.models.gemma.Gemma;
import dev.fovea.models.gemma.GemmaCheckpoint;
import dev.fovea.models.gemma.GemmaDecoding;
import dev.fovea.models.gemma.GemmaGguf;
import dev.fovea.models.gemma.GemmaInput;
import dev.fovea.models.gemma.GemmaModel;
import dev.fovea.models.vit.Probe;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** GGUF files against gguf-py and transformers. */
final class GgufChecks {

    private GgufChecks() {}

    /** The values that blocks of every type stand for. */
    static void dequantize(Case c) {
        GgufFile file = GgufFile.open(file(c));
        for (GgufTensor x : file.tensors().values()) {
            c.compare(x.name(), x.toFloats(), x.shape());
        }
    }

    /** A text model: layers and logits of the pieces, and a greedy continuation by the network and by the kernels. */
    static void model(Case c) {
        try (GemmaCheckpoint checkpoint = GemmaGguf.read(file(c), null, ScalarType.Float);
                var _ = new AutoGradMode(false)) {
            Gemma model = checkpoint.model();
            Tensor x = model.hidden(GemmaInput.of(c.tensor("input_ids")), (name, y) -> {
                if (c.expects(name)) {
                    c.compare(name, y);
                }
            });
            long pieces = c.config().required("pieces").asLong(); // spare rows follow
            c.compare("logits", model.text().logits(x).narrow(-1, 0, pieces));
            greedy(c, new GemmaDecoding(model));
        }
        try (GemmaModel onKernels = GemmaModel.openGguf(file(c), null, null)) {
            greedy(c, onKernels.decoding());
        }
    }

    private static void greedy(Case c, Decoding text) {
        int steps = c.config().required("greedy_new_tokens").asInt();
        int[][] prompt = Rows.of(c.tensor("greedy_prompt"), null);
        try (Decoding decoding = text) {
            var path = new GreedyPath(1, steps);
            float[][] logits = decoding.next(prompt);
            for (int step = 0; step < steps; step++) {
                int[][] chosen = path.choose(step, logits);
                if (step + 1 < steps) {
                    logits = decoding.next(chosen);
                }
            }
            long[] ids = LongStream.concat(Arrays.stream(prompt[0]).asLongStream(), LongStream.of(path.ids()))
                    .toArray();
            c.compare("greedy_ids", ids, 1, ids.length);
        }
    }

    /** Pictures to soft tokens through a projector file. */
    static void projector(Case c) {
        int tokens = c.config().required("tokens_per_image").asInt();
        try (var projector = GemmaGguf.readProjector(file(c), tokens, ScalarType.Float);
                var _ = new AutoGradMode(false)) {
            Tensor images = c.tensor("pixel_values").permute(0, 2, 3, 1); // [N, H, W, 3]
            c.compare("soft_tokens", projector.embedder().forward(images, Probe.NONE));
        }
    }

    private static Path file(Case c) {
        return c.folder().resolve(c.config().required("file").asString());
    }
}
