package dev.fovea.models.siglip;

import dev.fovea.models.vit.Encoder;
import dev.fovea.models.vit.Probe;
import dev.fovea.nn.Embedding;
import dev.fovea.nn.Init;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;

/** Tokens to one vector a text. Padding is seen like any token, as the published models were trained. */
public record TextTower(Embedding tokens, Tensor positions, Encoder encoder, Linear head) { // positions: [1, T, D]

    public static TextTower of(Params p, TextConfig c) {
        return new TextTower(
                Embedding.of(p.at("token_embedding"), c.vocabSize(), c.width(), Init.normal(1 / Math.sqrt(c.width()))),
                p.get("position_embedding", Init.normal(1 / Math.sqrt(c.width())), 1, c.maxLength(), c.width()),
                Encoder.of(p.at("encoder"), c.depth(), c.width(), c.mlpDim(), c.numHeads(), c.normEps(), c.gelu()),
                Linear.of(p.at("head"), c.width(), c.outDim(), Init.LECUN_NORMAL, Init.ZEROS));
    }

    /** One vector a text, not normalised; at most {@code maxLength} tokens, padded on the right. */
    public Tensor forward(Tensor ids, Probe probe) { // [B, T], int64
        Tensor x = tokens.forward(ids).add(positions.narrow(1, 0, ids.size(1))); // [B, T, D]
        probe.see("embeddings", x);
        x = encoder.forward(x, probe.at("encoder/"));
        probe.see("encoded", x);
        return head.forward(x.select(1, x.size(1) - 1)); // [B, outDim]
    }
}
