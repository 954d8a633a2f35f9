package dev.fovea.models.jet;

import dev.fovea.models.vit.Encoder;
import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.SelfAttention;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.nn.Init;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Transformer blocks over the tokens, with positions of their own; the last layer begins at zero. */
public record VitNet(
        Linear enter, Tensor positions, @Nullable SelfAttention context, Encoder encoder, Linear leave)
        implements CouplingNet {

    private static final int MLP_FACTOR = 4;
    private static final double NORM_EPS = 1e-6;

    static VitNet of(Params p, JetConfig c) {
        int width = c.width();
        int half = c.tokenWidth() / 2;
        return new VitNet(
                Linear.of(p.at("enter"), half, width, Init.LECUN_NORMAL, Init.ZEROS),
                p.get("positions", Init.normal(1 / Math.sqrt(width)), c.numTokens(), width),
                c.contextWidth() == 0
                        ? null
                        : attention(p.at("context").at("attn"), width, c.contextWidth(), c.numHeads()),
                Encoder.of(
                        p.at("encoder"), c.blockDepth(), width, MLP_FACTOR * width, c.numHeads(), NORM_EPS, Gelu.TANH),
                Linear.of(p.at("leave"), width, 2L * half, Init.ZEROS, Init.ZEROS));
    }

    private static SelfAttention attention(Params p, int width, int contextWidth, int numHeads) {
        return new SelfAttention(
                Linear.of(p.at("query"), width, width, Init.LECUN_NORMAL, Init.ZEROS),
                Linear.of(p.at("key"), contextWidth, width, Init.LECUN_NORMAL, Init.ZEROS),
                Linear.of(p.at("value"), contextWidth, width, Init.LECUN_NORMAL, Init.ZEROS),
                Linear.of(p.at("out"), width, width, Init.ZEROS, Init.ZEROS),
                numHeads);
    }

    @Override
    public Tensor forward(Tensor seen, @Nullable Tensor vectors) { // [B, N, C/2], [B, L, F]
        Tensor x = enter.forward(seen).add(positions); // [B, N, D]
        if (context != null && vectors != null) {
            x = x.add(context.forward(x, vectors));
        }
        return leave.forward(encoder.forward(x, Probe.NONE)); // [B, N, C]
    }
}
