package dev.fovea.models.gemma;

import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import dev.fovea.nn.RmsNorm;
import dev.fovea.nn.Rope;
import org.bytedeco.pytorch.Tensor;

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

    Tensor forward(Tensor x, Rope rope, Attend attend) { // [B, T, D]
        Tensor y = attn.forward(preAttnNorm.forward(x), rope, attend);
        x = x.add(postAttnNorm.forward(y));
        y = mlp.forward(preMlpNorm.forward(x));
        return x.add(postMlpNorm.forward(y));
    }
}
