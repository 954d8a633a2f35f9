package dev.fovea.models.gemma;

import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.models.vit.Probe;
import dev.fovea.nn.Embedding;
import dev.fovea.nn.Init;
import dev.fovea.nn.KvCache;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import dev.fovea.nn.RmsNorm;
import dev.fovea.nn.Rope;
import dev.fovea.tensor.Ops;
import dev.fovea.tensor.Scope;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Embedding, layers, final norm and head. The head is the embedding unless {@code head} is another matrix. */
public record Decoder(
        DecoderConfig config,
        Embedding tokens,
        List<DecoderLayer> layers,
        RmsNorm norm,
        @Nullable Linear head) {

    /** How transformers draws fresh weights. */
    private static final Init INIT = Init.normal(0.02);

    public static Decoder of(Params p, DecoderConfig c) {
        return new Decoder(
                c,
                Embedding.of(p.at("token_embedding"), c.vocabSize(), c.width(), INIT),
                IntStream.range(0, c.depth())
                        .mapToObj(i -> DecoderLayer.of(p.at("layers", i), c, INIT))
                        .toList(),
                RmsNorm.of(p.at("norm"), c.width(), c.normEps()),
                c.tied() ? null : Linear.withoutBias(p.at("head"), c.width(), c.vocabSize(), INIT));
    }

    /** E[id] · √D, the root rounded to the type of the weights as the published models have it. */
    public Tensor embed(Tensor ids) { // [B, T], int64
        Tensor root = torch.scalar_tensor(
                new Scalar(Math.sqrt(config.width())), tokens.weight().options());
        return tokens.forward(ids).mul(root); // [B, T, D]
    }

    /**
     * The stream after the final norm.
     *
     * @param caches one a layer, or none at all
     */
    Tensor forward(Tensor x, Pass pass, List<? extends KvCache> caches, Probe probe) { // [B, T, D]
        return forward(
                x,
                pass::rope,
                i -> Attend.over(pass.mask(config.layers().get(i)), caches.isEmpty() ? KvCache.NONE : caches.get(i)),
                probe);
    }

    /**
     * The same where the caller says how tokens meet.
     *
     * @param ropes of the kinds of layers
     * @param attends of the layers, by their number
     */
    Tensor forward(Tensor x, Function<Span, Rope> ropes, IntFunction<Attend> attends, Probe probe) { // [B, T, D]
        for (int i = 0; i < layers.size(); i++) {
            DecoderLayer layer = layers.get(i);
            Rope rope = ropes.apply(config.layers().get(i));
            Attend attend = attends.apply(i);
            x = probe.watches() ? layer.forward(x, rope, attend) : Scope.scoped(x, y -> layer.forward(y, rope, attend));
            probe.see("layer_out." + i, x);
        }
        return norm.forward(x); // [B, T, D]
    }

    /** Logits of the next token at every place. */
    public Tensor logits(Tensor x) { // [B, T, D]
        Tensor logits = head == null ? Ops.linear(x, tokens.weight()) : head.forward(x); // [B, T, V]
        Double cap = config.softcap();
        return cap == null ? logits : logits.div(new Scalar(cap)).tanh().mul(new Scalar(cap));
    }
}
