package dev.fovea.models.vmoe;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.StoredTensor;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import dev.fovea.models.vmoe.RouterConfig.Soft;
import dev.fovea.models.vmoe.RouterConfig.TokensChoose;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A released V-MoE: its sizes, and its parameters by our names as float32. The files hold no configuration. Sizes stand in
 * the shapes; k, capacity, order and groups do not, and are the published ones of training: k = 2 (1 in an ensemble), C =
 * 1.05, vanilla order. Choose them again ({@link Rerouting}) as the evaluation asks: the authors take C = 4 for ImageNet.
 *
 * @param config sizes, from the shapes of the tensors
 * @param tensors parameters; whoever builds a network of them owns them
 */
public record VmoeCheckpoint(VmoeConfig config, SequencedMap<String, Tensor> tensors) {

    private static final String PARAMS = "params/";
    private static final String BLOCK = "Encoder/encoderblock_";

    /** Whether a file is one of the authors' by its name. */
    public static boolean isOne(Path path) {
        return String.valueOf(path.getFileName()).endsWith(".index");
    }

    /**
     * Reads {@code prefix.index} and the shards beside it; of a training state the parameters alone.
     *
     * @throws IllegalArgumentException where the shapes are not those of a V-MoE for square pictures
     */
    public static VmoeCheckpoint read(Path index) {
        try (Weights weights = Checkpoints.open(index)) {
            var own = new LinkedHashMap<String, StoredTensor>();
            boolean state = weights.tensors().keySet().stream().anyMatch(name -> name.startsWith(PARAMS));
            weights.tensors().forEach((name, x) -> {
                if (!state || name.startsWith(PARAMS)) {
                    String leaf = state ? name.substring(PARAMS.length()) : name;
                    own.put(leaf, new StoredTensor(leaf, x.dtype(), x.shape(), x.data()));
                }
            });
            VmoeConfig config = new Shapes(index, own).config();
            var names = VmoeNames.published(
                    config.vit().numHeads(), config.moe().router().ensemble());
            return new VmoeCheckpoint(config, names.load(index.toString(), own, ScalarType.Float));
        }
    }

    /** What the shapes of a file say. */
    private record Shapes(Path file, SequencedMap<String, StoredTensor> stored) {

        VmoeConfig config() {
            long[] patch = shape("embedding/kernel"); // [P, P, 3, D]
            int depth = (int) Stream.iterate(0, i -> has(BLOCK + i + "/LayerNorm_0/scale"), i -> i + 1)
                    .count();
            long[] query = shape(BLOCK + "0/SelfAttention/query/kernel"); // [D, H, Dh]
            List<Integer> moe = IntStream.range(0, depth)
                    .filter(i -> has(BLOCK + i + "/Moe/Mlp/Dense_0/kernel"))
                    .boxed()
                    .toList();
            Pool pool = has("cls") ? Pool.TOK : has("MapHead/probe") ? Pool.MAP : Pool.GAP;
            int side = side(pool);
            int dense = IntStream.range(0, depth)
                    .filter(i -> !moe.contains(i))
                    .map(i -> (int) shape(BLOCK + i + "/Mlp/Dense_0/kernel")[1])
                    .findFirst()
                    .orElse(moe.isEmpty() ? 1 : (int) experts(moe)[2]);
            var vit = new VitConfig(
                    new Size(side * (int) patch[0], side * (int) patch[1]),
                    new Size((int) patch[0], (int) patch[1]),
                    (int) patch[3],
                    depth,
                    dense,
                    (int) query[1],
                    Positions.LEARN,
                    pool,
                    has("pre_logits/bias") ? (int) shape("pre_logits/bias")[0] : 0,
                    has("head/bias") ? (int) shape("head/bias")[0] : 0,
                    1e-6,
                    Gelu.TANH,
                    null);
            int numExperts = moe.isEmpty() ? 1 : (int) experts(moe)[0];
            Integer mlpDim = moe.isEmpty() || experts(moe)[2] == dense ? null : (Integer) (int) experts(moe)[2];
            var config = new MoeConfig(
                    new Placement.At(moe), numExperts, mlpDim, router(moe, numExperts), groups(moe), 0, false, true);
            return VmoeConfig.of(vit, config).withQkNorm(has(BLOCK + "0/SelfAttention/query_ln/scale"));
        }

        private RouterConfig router(List<Integer> moe, int numExperts) {
            if (isSoft(moe)) {
                return new Soft((int) shape(BLOCK + moe.getFirst() + "/Moe/Router/mu")[2], 0); // [D, E, P]
            }
            TokensChoose published = TokensChoose.of(Math.min(2, numExperts));
            if (moe.isEmpty()) {
                return published;
            }
            long[] kernel = shape(BLOCK + moe.getFirst() + "/Moe/Router/dense/kernel"); // [D, E] or [D, M, E/M]
            return kernel.length == 3 ? TokensChoose.of(1).withMembers((int) kernel[1]) : published;
        }

        /** Soft slots mix the tokens of one picture. */
        private Groups groups(List<Integer> moe) {
            return isSoft(moe) ? Groups.SOLO : Groups.BATCH;
        }

        private boolean isSoft(List<Integer> moe) {
            return !moe.isEmpty() && has(BLOCK + moe.getFirst() + "/Moe/Router/mu");
        }

        private long[] experts(List<Integer> moe) {
            return shape(BLOCK + moe.getFirst() + "/Moe/Mlp/Dense_0/kernel"); // [E, D, F]
        }

        private int side(Pool pool) {
            long patches = shape("Encoder/posembed_input/pos_embedding")[1] - (pool == Pool.TOK ? 1 : 0);
            int side = (int) Math.round(Math.sqrt((double) patches));
            if ((long) side * side != patches) {
                throw new IllegalArgumentException(
                        "%s: %d positions are not a square grid; only square pictures can be inferred from the shapes"
                                .formatted(file, patches));
            }
            return side;
        }

        private boolean has(String name) {
            return stored.containsKey(name);
        }

        private long[] shape(String name) {
            StoredTensor x = stored.get(name);
            if (x == null) {
                throw new IllegalArgumentException("%s: no %s; not a V-MoE".formatted(file, name));
            }
            return x.shape();
        }
    }
}
