package dev.fovea.models.vmoe;

import static java.util.Objects.requireNonNull;

import dev.fovea.models.vit.MapHead;
import dev.fovea.models.vit.Mlp;
import dev.fovea.models.vit.PatchEmbedding;
import dev.fovea.models.vit.PositionTables;
import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.nn.Init;
import dev.fovea.nn.LayerNorm;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** V-MoE: a Vision Transformer in which some MLPs are banks of experts (arXiv 2106.05974). */
public record Vmoe(
        VmoeConfig config,
        PatchEmbedding embedding,
        @Nullable Tensor positions,
        @Nullable Tensor cls,
        List<Block> blocks,
        LayerNorm norm,
        @Nullable MapHead map,
        @Nullable Linear preLogits,
        @Nullable Linear head) {

    /** Standard deviation of fresh positions, as in the authors' code. */
    private static final double POSITION_STD = 0.02;

    /**
     * What a forward pass gives. In an ensemble of M members B below is B·M, the members of a picture together.
     *
     * @param encoded tokens after the final norm // [B, N, D]
     * @param preLogits what the head sees // [B, R]
     * @param logits the same as {@code preLogits} without a head // [B, K]
     * @param routings by block; those of full groups first, then of what they left over
     */
    public record Output(
            Tensor encoded, Tensor preLogits, Tensor logits, SequencedMap<Integer, List<Routing>> routings) {

        /** Sum over blocks of the mean over groups of the routers' losses; null where no router has one. */
        public @Nullable Tensor auxiliaryLoss() { // []
            Tensor sum = null;
            for (List<Routing> block : routings.values()) {
                var groups = new TensorVector();
                for (Routing routing : block) {
                    if (routing instanceof Routing.Sparse s && s.loss() != null) {
                        groups.push_back(s.loss().total());
                    }
                }
                if (groups.size() > 0) {
                    Tensor mean = torch.cat(groups, 0).mean();
                    sum = sum == null ? mean : sum.add(mean);
                }
            }
            return sum;
        }
    }

    public static Vmoe of(Params p, VmoeConfig c) {
        VitConfig v = c.vit();
        List<Integer> moe = c.moeBlocks();
        Params encoder = p.at("encoder");
        return new Vmoe(
                c,
                PatchEmbedding.of(p.at("patch_embedding"), 3, v.patch(), v.width()),
                positions(p, c),
                v.pool() == Pool.TOK ? p.get("cls", Init.ZEROS, 1, 1, v.width()) : null,
                IntStream.range(0, v.depth())
                        .mapToObj(i -> Block.of(encoder.at("blocks", i), c, moe.contains(i)))
                        .toList(),
                LayerNorm.of(encoder.at("norm"), v.width(), v.normEps()),
                v.pool() == Pool.MAP ? mapHead(p.at("map_head"), c) : null,
                v.repSize() > 0
                        ? Linear.of(p.at("pre_logits"), v.width(), v.repSize(), Init.LECUN_NORMAL, Init.ZEROS)
                        : null,
                v.numClasses() > 0
                        ? Linear.of(
                                p.at("head"), v.outputWidth(), v.numClasses(), Init.ZEROS, Init.constant(c.headBias()))
                        : null);
    }

    /** The same weights routed otherwise: k, capacity, order and groups may be chosen again for evaluation. */
    public Vmoe with(Rerouting o) {
        MoeConfig moe = config.moe().with(o);
        return with(
                config.with(moe), blocks.stream().map(block -> block.with(moe)).toList());
    }

    /**
     * The same weights, and tokens meet the experts of one block by lot ({@link ShuffledRouter}), in evaluation.
     *
     * @throws IllegalArgumentException where that block has no experts, or the network is an ensemble in one
     */
    public Vmoe shuffled(int block) {
        if (config.moe().router().ensemble() > 1) {
            throw new IllegalArgumentException(
                    "an ensemble in one network keeps its members' tokens apart: nothing to shuffle");
        }
        if (!config.moeBlocks().contains(block)) {
            throw new IllegalArgumentException(
                    "block %d has no experts; blocks that have: %s".formatted(block, config.moeBlocks()));
        }
        return with(
                config,
                IntStream.range(0, blocks.size())
                        .mapToObj(
                                i -> i == block && blocks.get(i) instanceof Block.Moe m ? m.shuffled() : blocks.get(i))
                        .toList());
    }

    private Vmoe with(VmoeConfig config, List<Block> blocks) {
        return new Vmoe(config, embedding, positions, cls, blocks, norm, map, preLogits, head);
    }

    /** Class logits of pictures in [-1, 1], in evaluation; the logarithm of an ensemble's mean probabilities. */
    public Tensor forward(Tensor image) { // [B, H, W, 3]
        return combined(forward(image, Noise.NONE).logits()); // [B, K]
    }

    /** Logits of the members of an ensemble to one row a picture; the same rows where there is one member. */
    public Tensor combined(Tensor logits) { // [B·M, K]
        return config.moe().router().ensemble() == 1 ? logits : logMean(logits.log_softmax(-1)); // [B, K]
    }

    public Output forward(Tensor image, Noise noise) { // [B, H, W, 3]
        return forward(image, noise, Probe.NONE);
    }

    /**
     * The same for a batch whose last rows are padding. They are taken out before the first block: none of their tokens
     * competes for an expert. The result has only the real rows.
     */
    public Output forwardReal(Tensor image, long real, Noise noise) { // [B, H, W, 3]
        return forward(image.narrow(0, 0, real), noise, Probe.NONE);
    }

    public Output forward(Tensor image, Noise noise, Probe probe) { // [B, H, W, 3]
        Tensor x = embed(image); // [B, N, D]
        long members = config.moe().router().ensemble();
        boolean repeated = members == 1;
        var routings = new LinkedHashMap<Integer, List<Routing>>();
        for (int i = 0; i < blocks.size(); i++) {
            switch (blocks.get(i)) {
                case Block.Dense dense -> x = Scope.scoped(x, dense::forward);
                case Block.Moe moe -> {
                    if (!repeated) {
                        x = x.repeat_interleave(members, new LongOptional(0), new LongOptional());
                        repeated = true;
                    }
                    x = Scope.scoped(x, moe::attended);
                    MoeMlp.Output out = moe.moe().forward(moe.norm2().forward(x), noise);
                    routings.put(i, out.routings());
                    x = x.add(out.y());
                }
            }
            probe.see("block_" + i, x);
        }
        Tensor encoded = norm.forward(x);
        Tensor pooled = pool(encoded); // [B, D]
        Tensor features = preLogits == null ? pooled : preLogits.forward(pooled).tanh(); // [B, R]
        return new Output(encoded, features, head == null ? features : head.forward(features), routings);
    }

    /** Logarithm of the mean over members of what {@code x} is the logarithm of. */
    public Tensor logMean(Tensor x) { // [B·M, K]
        long members = config.moe().router().ensemble();
        return x.unflatten(0, -1, members).logsumexp(1).sub(new Scalar(Math.log((double) members))); // [B, K]
    }

    private Tensor embed(Tensor image) { // [B, H, W, 3]
        Tensor x = embedding.forward(image.permute(0, 3, 1, 2)); // [B, h·w, D]
        boolean learned = config.vit().positions() == VitConfig.Positions.LEARN;
        if (positions != null && !learned) {
            x = x.add(positions); // a class token has no place on the grid
        }
        if (cls != null) {
            x = torch.cat(new TensorVector(cls.expand(x.size(0), 1, x.size(2)), x), 1); // [B, 1 + h·w, D]
        }
        return positions != null && learned ? x.add(positions) : x;
    }

    private Tensor pool(Tensor x) { // [B, N, D]
        return switch (config.vit().pool()) {
            case GAP -> x.mean(1);
            case MAP -> requireNonNull(map).forward(x, Probe.NONE);
            case TOK, FIRST -> x.select(1, 0);
            case NONE -> throw new IllegalStateException("pool none");
        };
    }

    private static @Nullable Tensor positions(Params p, VmoeConfig c) {
        VitConfig v = c.vit();
        return switch (v.positions()) {
            case LEARN -> p.get("position_embedding", Init.normal(POSITION_STD), 1, c.numTokens(), v.width());
            case SINCOS2D -> PositionTables.sincos2d(v.grid(), v.width(), c.temperature());
            case NONE -> null;
        };
    }

    private static MapHead mapHead(Params p, VmoeConfig c) {
        VitConfig v = c.vit();
        return new MapHead(
                p.get("probe", Init.XAVIER_UNIFORM, 1, 1, v.width()),
                Block.attention(p.at("attn"), c),
                LayerNorm.of(p.at("norm"), v.width(), v.normEps()),
                Mlp.of(p.at("mlp"), v.width(), v.mlpDim(), v.gelu()));
    }
}
