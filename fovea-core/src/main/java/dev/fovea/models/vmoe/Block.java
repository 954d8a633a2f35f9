package dev.fovea.models.vmoe;

import dev.fovea.models.vit.EncoderBlock;
import dev.fovea.models.vit.Mlp;
import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.SelfAttention;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.nn.LayerNorm;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;

/** A transformer block: one MLP for all tokens, or experts. */
public sealed interface Block {

    /** With one MLP. */
    record Dense(EncoderBlock block) implements Block {

        Tensor forward(Tensor x) { // [B, N, D]
            return block.forward(x, Probe.NONE);
        }

        @Override
        public Dense with(MoeConfig c) {
            return this;
        }
    }

    /** With experts: y = x + MSA(LN(x)), z = y + MoE(LN(y)). */
    record Moe(LayerNorm norm1, SelfAttention attn, LayerNorm norm2, MoeMlp moe) implements Block {

        /** The attention's half. */
        Tensor attended(Tensor x) { // [B, N, D]
            return x.add(attn.forward(norm1.forward(x)));
        }

        @Override
        public Moe with(MoeConfig c) {
            return new Moe(norm1, attn, norm2, moe.with(c));
        }

        Moe shuffled() {
            return new Moe(norm1, attn, norm2, moe.shuffled());
        }
    }

    /** The same weights, routed otherwise. */
    Block with(MoeConfig c);

    static Block of(Params p, VmoeConfig c, boolean withExperts) {
        VitConfig v = c.vit();
        LayerNorm norm1 = LayerNorm.of(p.at("norm1"), v.width(), v.normEps());
        SelfAttention attn = attention(p.at("attn"), c);
        LayerNorm norm2 = LayerNorm.of(p.at("norm2"), v.width(), v.normEps());
        return withExperts
                ? new Moe(norm1, attn, norm2, MoeMlp.of(p.at("moe"), v.width(), v.mlpDim(), v.gelu(), c.moe()))
                : new Dense(new EncoderBlock(norm1, attn, norm2, Mlp.of(p.at("mlp"), v.width(), v.mlpDim(), v.gelu())));
    }

    static SelfAttention attention(Params p, VmoeConfig c) {
        VitConfig v = c.vit();
        return c.qkNorm()
                ? SelfAttention.normed(p, v.width(), v.numHeads(), v.normEps())
                : SelfAttention.of(p, v.width(), v.numHeads());
    }
}
