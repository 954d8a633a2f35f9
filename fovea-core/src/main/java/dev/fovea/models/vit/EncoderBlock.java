package dev.fovea.models.vit;

import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.nn.LayerNorm;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;

/** One pre-norm transformer block. */
public record EncoderBlock(LayerNorm norm1, SelfAttention attn, LayerNorm norm2, Mlp mlp) {

    public static EncoderBlock of(Params p, int width, int mlpDim, int numHeads, double normEps, Gelu gelu) {
        return new EncoderBlock(
                LayerNorm.of(p.at("norm1"), width, normEps),
                SelfAttention.of(p.at("attn"), width, numHeads),
                LayerNorm.of(p.at("norm2"), width, normEps),
                Mlp.of(p.at("mlp"), width, mlpDim, gelu));
    }

    public Tensor forward(Tensor x, Probe probe) { // [B, N, D]
        Tensor y = attn.forward(norm1.forward(x));
        probe.see("sa", y);
        x = x.add(y);
        probe.see("+sa", x);
        y = mlp.forward(norm2.forward(x));
        probe.see("mlp", y);
        x = x.add(y);
        probe.see("+mlp", x);
        return x;
    }
}
