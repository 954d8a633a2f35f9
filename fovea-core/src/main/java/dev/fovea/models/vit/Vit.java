package dev.fovea.models.vit;

import static java.util.Objects.requireNonNull;

import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.nn.Init;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The Vision Transformer: pictures to tokens, to one vector a picture, to class logits. */
public record Vit(
        VitConfig config,
        @Nullable ConvStem stem,
        PatchEmbedding embedding,
        @Nullable Tensor positions,
        @Nullable Tensor cls,
        Encoder encoder,
        @Nullable MapHead map,
        @Nullable Linear preLogits,
        @Nullable Linear head) {

    /**
     * What a forward pass gives.
     *
     * @param encoded tokens after the final norm, a class token included: {@code [B, N, D]}
     * @param pooled one vector a picture before the tanh layer: {@code [B, D]} ({@code [B, N, D]} without pooling)
     * @param preLogits what the head sees: {@code [B, R]}
     * @param logits {@code [B, K]}, the same as {@code preLogits} in a network without a head
     */
    public record Output(Tensor encoded, Tensor pooled, Tensor preLogits, Tensor logits) {}

    public static Vit of(Params p, VitConfig c) {
        int channels = c.stem() == null ? 3 : c.stem().channels().getLast();
        return new Vit(
                c,
                c.stem() == null ? null : ConvStem.of(p.at("stem"), c.stem()),
                PatchEmbedding.of(p.at("patch_embedding"), channels, c.patch(), c.width()),
                switch (c.positions()) {
                    case LEARN ->
                        p.get(
                                "position_embedding",
                                Init.normal(1 / Math.sqrt(c.width())),
                                1,
                                c.numPatches(),
                                c.width());
                    case SINCOS2D -> PositionTables.sincos2d(c.grid(), c.width());
                    case NONE -> null;
                },
                c.pool() == Pool.TOK ? p.get("cls", Init.ZEROS, 1, 1, c.width()) : null,
                Encoder.of(p.at("encoder"), c.depth(), c.width(), c.mlpDim(), c.numHeads(), c.normEps(), c.gelu()),
                c.pool() == Pool.MAP
                        ? MapHead.of(p.at("map_head"), c.width(), c.mlpDim(), c.numHeads(), c.normEps(), c.gelu())
                        : null,
                c.repSize() > 0
                        ? Linear.of(p.at("pre_logits"), c.width(), c.repSize(), Init.LECUN_NORMAL, Init.ZEROS)
                        : null,
                c.numClasses() > 0
                        ? Linear.of(p.at("head"), c.outputWidth(), c.numClasses(), Init.ZEROS, Init.ZEROS)
                        : null);
    }

    /** The same network for pictures of another size, its learned positions taken to the new grid by {@code rule}. */
    public Vit resized(Size image, PositionTables.Resampling rule) {
        VitConfig c = config.withImage(image);
        Tensor table =
                switch (config.positions()) {
                    case LEARN -> rule.resample(requireNonNull(positions), config.grid(), c.grid());
                    case SINCOS2D -> PositionTables.sincos2d(c.grid(), c.width());
                    case NONE -> null;
                };
        return new Vit(c, stem, embedding, table, cls, encoder, map, preLogits, head);
    }

    /** Class logits {@code [B, K]} of pictures in [-1, 1]. */
    public Tensor forward(Tensor image) { // [B, H, W, 3]
        return forward(image, Probe.NONE).logits();
    }

    public Output forward(Tensor image, Probe probe) { // [B, H, W, 3]
        Tensor x = embed(image, probe); // [B, N, D]
        if (cls != null) {
            x = torch.cat(new TensorVector(cls.expand(x.size(0), 1, x.size(2)), x), 1);
        }
        Tensor encoded = encoder.forward(x, probe.at("encoder/"));
        Tensor pooled = pool(encoded, probe);
        Tensor features = rep(pooled);
        Tensor logits = head == null ? features : head.forward(features);
        return new Output(encoded, pooled, features, logits);
    }

    /** The tanh layer and nothing else: the same for a pooled vector and for every token. */
    public Tensor rep(Tensor x) { // [..., D]
        return preLogits == null ? x : preLogits.forward(x).tanh(); // [..., R]
    }

    private Tensor embed(Tensor image, Probe probe) { // [B, H, W, 3]
        Tensor x = image.permute(0, 3, 1, 2); // [B, 3, H, W]
        if (stem != null) {
            x = stem.forward(x.contiguous());
        }
        x = embedding.forward(x); // [B, h·w, D]
        probe.see("stem", x);
        x = positions == null ? x : x.add(positions);
        probe.see("with_posemb", x);
        return x;
    }

    private Tensor pool(Tensor x, Probe probe) { // [B, N, D]
        return switch (config.pool()) {
            case GAP -> x.mean(1);
            case MAP -> requireNonNull(map).forward(x, probe);
            case TOK, FIRST -> x.select(1, 0);
            case NONE -> x;
        };
    }
}
