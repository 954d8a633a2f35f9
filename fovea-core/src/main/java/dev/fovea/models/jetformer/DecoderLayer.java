package dev.fovea.models.jetformer;

import dev.fovea.models.gemma.GatedMlp;
import dev.fovea.nn.Init;
import dev.fovea.nn.KvCache;
import dev.fovea.nn.Params;
import dev.fovea.nn.RmsNorm;
import dev.fovea.nn.Rope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** One pre-norm block; training drops entries of both branches. */
public record DecoderLayer(RmsNorm attnNorm, Attention attn, RmsNorm mlpNorm, GatedMlp mlp, double dropout) {

    static DecoderLayer of(Params p, JetFormerConfig c) {
        return new DecoderLayer(
                RmsNorm.of(p.at("attn_norm"), c.width(), JetFormerConfig.NORM_EPS),
                Attention.of(p.at("attn"), c),
                RmsNorm.of(p.at("mlp_norm"), c.width(), JetFormerConfig.NORM_EPS),
                GatedMlp.of(p.at("mlp"), c.width(), c.mlpDim(), Init.LECUN_NORMAL),
                c.dropout());
    }

    Tensor forward(Tensor x, Rope rope, Tensor mask, KvCache cache, boolean train) { // [B, T, D], bool [B, 1, T, S]
        x = x.add(drop(attn.forward(attnNorm.forward(x), rope, mask, cache), train));
        return x.add(drop(mlp.forward(mlpNorm.forward(x)), train));
    }

    private Tensor drop(Tensor x, boolean train) {
        return train && dropout > 0 ? torch.dropout(x, dropout, true) : x;
    }
}
