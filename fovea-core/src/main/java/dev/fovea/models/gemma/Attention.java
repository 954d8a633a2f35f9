package dev.fovea.models.gemma;

import static dev.fovea.tensor.Ops.mergeHeads;
import static dev.fovea.tensor.Ops.splitHeads;

import dev.fovea.nn.Init;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import dev.fovea.nn.RmsNorm;
import dev.fovea.nn.Rope;
import org.bytedeco.pytorch.Tensor;

/** Attention with normed queries and keys, several query heads reading one key head (arXiv 2503.19786, section 2). */
public record Attention(
        DecoderConfig config, Linear query, Linear key, Linear value, Linear out, RmsNorm queryNorm, RmsNorm keyNorm) {

    public static Attention of(Params p, DecoderConfig c, Init init) {
        int queries = c.numHeads() * c.headDim();
        int keys = c.numKvHeads() * c.headDim();
        return new Attention(
                c,
                Linear.withoutBias(p.at("query"), c.width(), queries, init),
                Linear.withoutBias(p.at("key"), c.width(), keys, init),
                Linear.withoutBias(p.at("value"), c.width(), keys, init),
                Linear.withoutBias(p.at("out"), queries, c.width(), init),
                RmsNorm.of(p.at("query_norm"), c.headDim(), c.normEps()),
                RmsNorm.of(p.at("key_norm"), c.headDim(), c.normEps()));
    }

    Tensor forward(Tensor x, Rope rope, Attend attend) { // [B, T, D]
        Tensor q = rope.rotate(queryNorm.forward(splitHeads(query.forward(x), config.numHeads()))); // [B, H, T, Dh]
        Tensor k = rope.rotate(keyNorm.forward(splitHeads(key.forward(x), config.numKvHeads()))); // [B, K, T, Dh]
        Tensor v = splitHeads(value.forward(x), config.numKvHeads()); // [B, K, T, Dh]
        Tensor y = attend.to(q, k, v, 1 / Math.sqrt(config.queryScalar())); // [B, H, T, Dh]
        return out.forward(mergeHeads(y)); // [B, T, D]
    }
}
