package dev.fovea.models.gemma;

import dev.fovea.nn.Init;
import dev.fovea.nn.KvCache;
import dev.fovea.nn.Params;
import dev.fovea.nn.RmsNorm;
import dev.fovea.nn.Rope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One block: each branch is normed going in and coming out. */
public record DecoderLayer(
        RmsNorm preAttnNorm,
        Attention attn,
        RmsNorm postAttnNorm,
        RmsNorm preMlpNorm,
        GatedMlp mlp,
        RmsNorm postMlpNorm) {

    public static DecoderLayer of(Params p, DecoderConfig c, Init init) {
        return new DecoderLayer(
                RmsNorm.of(p.at("pre_attn_norm"), c.width(), c.normEps()),
                Attention.of(p.at("attn"), c, init),
                RmsNorm.of(p.at("post_attn_norm"), c.width(), c.normEps()),
                RmsNorm.of(p.at("pre_mlp_norm"), c.width(), c.normEps()),
                GatedMlp.of(p.at("mlp"), c.width(), c.mlpDim(), init),
                RmsNorm.of(p.at("post_mlp_norm"), c.width(), c.normEps()));
    }

    public Tensor forward(Tensor x, Rope rope, @Nullable Tensor mask, KvCache cache) { // [B, T, D], [B, 1, T, S]
        Tensor y = attn.forward(preAttnNorm.forward(x), rope, mask, cache);
        x = x.add(postAttnNorm.forward(y));
        y = mlp.forward(preMlpNorm.forward(x));
        return x.add(postMlpNorm.forward(y));
    }
}
