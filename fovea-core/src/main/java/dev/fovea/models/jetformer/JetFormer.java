package dev.fovea.models.jetformer;

import dev.fovea.models.jet.Jet;
import dev.fovea.models.jet.JetConfig;
import dev.fovea.models.jet.Patches;
import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.Size;
import dev.fovea.nn.Embedding;
import dev.fovea.nn.Init;
import dev.fovea.nn.KvCache;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import dev.fovea.nn.RmsNorm;
import dev.fovea.nn.Rope;
import dev.fovea.tensor.Scope;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The whole model: patches to soft tokens and back, sequences, decoder, and both heads. */
public record JetFormer(
        JetFormerConfig config,
        @Nullable PatchPca pca,
        @Nullable Jet flow,
        Embedding text,
        Linear image,
        List<DecoderLayer> layers,
        RmsNorm norm,
        @Nullable RmsNorm textNorm,
        @Nullable RmsNorm imageNorm,
        @Nullable Linear textHead,
        Linear imageHead) {

    /** Pictures as the decoder sees them: all latents, the part that is modelled, the rest, and the log-determinant. */
    public record Encoded(
            Tensor patches,
            Tensor latents,
            Tensor soft,
            Tensor noise,
            Tensor logDet) {} // [B, N, C], [B, N, C], [B, N, d], [B, N, C - d], [B]

    /** What a pass over shifted sequences gives. */
    public record Output(Tensor textLogits, Tensor imageRaw, SoftDensity density) {} // [B, L, R·V], [B, N, head]

    public static JetFormer of(Params p, JetFormerConfig c) {
        JetConfig jet = c.jet();
        PcaConfig pca = c.pca();
        int patchWidth = c.channels() * c.patch() * c.patch();
        return new JetFormer(
                c,
                pca == null ? null : PatchPca.of(p.at("pca"), pca, c.grid(), Size.of(c.patch()), patchWidth),
                jet == null ? null : Jet.of(p.at("flow"), jet),
                Embedding.of(
                        p.at("token_embedding"), (long) c.vocabSize() * c.vocabRepeats(), c.width(), Init.normal(1)),
                Linear.of(p.at("image_embedding"), c.softDims(), c.width(), Init.LECUN_NORMAL, Init.ZEROS),
                IntStream.range(0, c.depth())
                        .mapToObj(i -> DecoderLayer.of(p.at("layers", i), c))
                        .toList(),
                RmsNorm.of(p.at("norm"), c.width(), JetFormerConfig.NORM_EPS),
                c.normPerModality() ? RmsNorm.of(p.at("text_norm"), c.width(), JetFormerConfig.NORM_EPS) : null,
                c.normPerModality() ? RmsNorm.of(p.at("image_norm"), c.width(), JetFormerConfig.NORM_EPS) : null,
                c.untiedVocab()
                        ? Linear.of(p.at("text_head"), c.width(), c.vocabSize(), Init.normal(1), Init.ZEROS)
                        : null,
                Linear.of(p.at("image_head"), c.width(), c.headWidth(), Init.ZEROS, Init.ZEROS));
    }

    /** Pictures that are dequantised already, or not, as tokens before the flow. */
    public Tensor patches(Tensor picture) { // [B, H, W, c]
        return pca == null ? Patches.cut(picture, Size.of(config.patch())) : pca.encode(picture); // [B, N, C]
    }

    /** Tokens through the flow. */
    public Encoded encode(Tensor patches) { // [B, N, C]
        Tensor latents = patches;
        Tensor logDet = torch.zeros(new long[] {patches.size(0)}, patches.options());
        if (flow != null) {
            Size grid = flow.config().image();
            Jet.Flow out = flow.forward(patches.unflatten(1, grid.height(), grid.width()));
            latents = out.out().flatten(1, 2);
            logDet = out.logDet();
        }
        return new Encoded(
                patches,
                latents,
                latents.narrow(2, 0, config.softDims()),
                latents.narrow(2, config.softDims(), latents.size(2) - config.softDims()),
                logDet);
    }

    /** Pictures of soft tokens and of the values beside them, cut to [−1, 1]. */
    public Tensor decode(Tensor soft, Tensor noise) { // [B, N, d], [B, N, C - d]
        Tensor x = noise.size(2) == 0 ? soft : torch.cat(new TensorVector(soft, noise), 2); // [B, N, C]
        if (flow != null) {
            Size grid = flow.config().image();
            x = flow.inverse(x.unflatten(1, grid.height(), grid.width())).out().flatten(1, 2);
        }
        return pca == null
                ? Patches.join(x, config.grid(), Size.of(config.patch()))
                        .clamp_min(new Scalar(-1.0))
                        .clamp_max(new Scalar(1.0))
                : pca.decode(x);
    }

    /** The embedding of one id, for each row. */
    Tensor special(int id, long rows) {
        return text.weight()
                .narrow(0, id, 1)
                .unsqueeze(0)
                .expand(rows, 1, text.weight().size(1)); // [B, 1, D]
    }

    /** Teacher forcing: what is predicted at the places of text and picture. */
    public Output forward(Sequence.Input in, boolean train, Probe probe) {
        Sequence sequence = Sequence.of(this, in, true);
        probe.see("embedded", sequence.x());
        probe.see("attn_mask", sequence.mask());
        probe.see("input_mask", sequence.valid());
        Tensor out = run(sequence.x(), sequence.positions(), sequence.mask(), List.of(), train, probe.at("decoder/"));
        boolean hasBoi = config.boiId() != null;
        long l = in.text().size(1);
        long n = in.soft().size(1);
        long gap = hasBoi ? 1 : 0;
        Tensor first = in.textFirst().view(-1, 1, 1);
        Tensor atText = torch.where(first, out.narrow(1, 0, l), out.narrow(1, n + gap, l)); // [B, L, D]
        Tensor atPicture =
                torch.where(first, out.narrow(1, config.vocabRepeats() * l + gap, n), out.narrow(1, 0, n)); // [B, N, D]
        Tensor raw = imageRaw(atPicture);
        return new Output(textLogits(atText), raw, density(raw, Temperatures.NONE));
    }

    /**
     * The decoder's output that the heads take: after the final norm, or before it where each head has its own.
     *
     * @param mask bool {@code [B, T, S]}
     * @param caches one a layer, or none at all
     */
    Tensor run(
            Tensor x,
            Tensor positions,
            Tensor mask,
            List<? extends KvCache> caches,
            boolean train,
            Probe probe) { // [B, T, D], [B, T]
        Rope rope = Rope.of(positions, config.headDim(), JetFormerConfig.ROPE_THETA, 1, x.scalar_type());
        Tensor allowed = mask.unsqueeze(1); // [B, 1, T, S]
        for (int i = 0; i < layers.size(); i++) {
            DecoderLayer layer = layers.get(i);
            KvCache cache = caches.isEmpty() ? KvCache.NONE : caches.get(i);
            x = probe.watches()
                    ? layer.forward(x, rope, allowed, cache, train)
                    : Scope.scoped(x, y -> layer.forward(y, rope, allowed, cache, train));
            probe.see("block%02d_rep".formatted(i), x);
        }
        Tensor normed = norm.forward(x);
        probe.see("encoded", x);
        probe.see("pre_logits", normed);
        return config.normPerModality() ? x : normed; // [B, T, D]
    }

    /** Logits of text tokens. */
    public Tensor textLogits(Tensor out) { // [B, T, D]
        Tensor x = textNorm == null ? out : textNorm.forward(out);
        return textHead == null ? torch.linear(x, text.weight()) : textHead.forward(x); // [B, T, R·V]
    }

    /** The image head's numbers, which {@link #density} reads. */
    public Tensor imageRaw(Tensor out) { // [B, T, D]
        return imageHead.forward(imageNorm == null ? out : imageNorm.forward(out)); // [B, T, head]
    }

    /** The density of soft tokens. */
    public SoftDensity density(Tensor raw, Temperatures temperatures) { // [B, T, head]
        return config.fullCovariance()
                ? FullGaussian.of(raw, config.softDims(), config.scaleFloor(), temperatures)
                : Mixture.of(raw, config.numMixtures(), config.scaleFloor(), temperatures);
    }
}
