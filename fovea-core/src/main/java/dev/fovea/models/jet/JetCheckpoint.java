package dev.fovea.models.jet;

import dev.fovea.checkpoint.BigVision;
import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.jet.JetConfig.Kind;
import dev.fovea.models.jet.JetConfig.Net;
import dev.fovea.models.vit.Size;
import dev.fovea.tensor.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A published checkpoint of a Jet: its sizes, which its shapes tell, and its parameters under our names.
 *
 * @param config three channels, square pictures and a scale factor of 2, as the published models have
 */
public record JetCheckpoint(JetConfig config, SequencedMap<String, Tensor> tensors) {

    private static final String BLOCK = "couplings/dnn/vit/encoderblock_";

    /** Reads an {@code .npz} or safetensors file of big_vision's tree. The tensors belong to the caller. */
    public static JetCheckpoint read(Path path) {
        try (Weights weights = BigVision.open(path)) {
            JetConfig config = config(weights);
            return new JetCheckpoint(config, JetNames.load(weights, config, ScalarType.Float));
        }
    }

    private static JetConfig config(Weights weights) {
        long[] channel = weights.tensor("channel_coupling_masks-FREEZE_ME").shape(); // [n, C, C]
        long[] positions = weights.tensor("couplings/dnn/posemb").shape(); // [n, 1, N, D]
        long[] query = weights.tensor(BLOCK + "0/MultiHeadDotProductAttention_0/query/kernel")
                .shape(); // [n, D, H, D/H]
        int patch = side("a patch of 3 channels", channel[1] / 3.0);
        int grid = side("the token grid", (double) positions[2]);
        var context =
                weights.tensors().get("couplings/dnn/MultiHeadDotProductAttention_0/key/kernel"); // [n, F, H, D/H]
        return new JetConfig(
                Size.of(grid * patch),
                3,
                patch,
                (int) channel[0],
                blocks(weights),
                (int) positions[3],
                (int) query[2],
                kinds(weights),
                List.of(Projection.RANDOM),
                List.of(Projection.CHECKERBOARD),
                2,
                context == null ? 0 : (int) context.shape()[1],
                Net.VIT);
    }

    private static int blocks(Weights weights) {
        int blocks = 0;
        while (weights.tensors().containsKey(BLOCK + blocks + "/LayerNorm_0/scale")) {
            blocks++;
        }
        return blocks;
    }

    /** A coupling splits channels where it has an order of them. */
    private static List<Kind> kinds(Weights weights) {
        var kinds = new ArrayList<Kind>();
        try (var _ = new Scope()) {
            Tensor masks = Checkpoints.tensor(weights.tensor("channel_coupling_masks-FREEZE_ME"));
            for (int i = 0; i < masks.size(0); i++) {
                kinds.add(masks.select(0, i).any().item_bool() ? Kind.CHANNELS : Kind.SPATIAL);
            }
        }
        return kinds;
    }

    private static int side(String what, double area) {
        int side = (int) Math.round(Math.sqrt(area));
        if (side < 1 || side * side != area) {
            throw new IllegalArgumentException(
                    "%s: found %s values or tokens, which make no square".formatted(what, area));
        }
        return side;
    }
}
