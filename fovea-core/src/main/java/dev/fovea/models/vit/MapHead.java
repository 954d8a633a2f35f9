package dev.fovea.models.vit;

import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.nn.Init;
import dev.fovea.nn.LayerNorm;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;

/** Multi-head attention pooling: one learned probe attends to all tokens (arXiv 2106.04560, section 2.1). */
public record MapHead(Tensor query, SelfAttention attn, LayerNorm norm, Mlp mlp) { // query: [1, 1, D]

    public static MapHead of(Params p, int width, int mlpDim, int numHeads, double normEps, Gelu gelu) {
        return new MapHead(
                p.get("probe", Init.XAVIER_UNIFORM, 1, 1, width),
                SelfAttention.of(p.at("attn"), width, numHeads),
                LayerNorm.of(p.at("norm"), width, normEps),
                Mlp.of(p.at("mlp"), width, mlpDim, gelu));
    }

    public Tensor forward(Tensor x, Probe probe) { // [B, N, D]
        Tensor y = attn.forward(query.expand(x.size(0), 1, x.size(2)), x); // [B, 1, D]
        probe.see("attention_pooled", y);
        return y.add(mlp.forward(norm.forward(y))).select(1, 0); // [B, D]
    }
}
