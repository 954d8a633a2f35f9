package dev.fovea.models.jetformer;

import static dev.fovea.tensor.Ops.attend;
import static dev.fovea.tensor.Ops.mergeHeads;
import static dev.fovea.tensor.Ops.splitHeads;

import dev.fovea.nn.Init;
import dev.fovea.nn.KvCache;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import dev.fovea.nn.Rope;
import org.bytedeco.pytorch.Tensor;

/** Attention of the first Gemma (arXiv 2403.08295): rotary positions, few key heads, neither biases nor norms. */
public record Attention(Linear query, Linear key, Linear value, Linear out, int numHeads, int numKvHeads, int headDim) {

    static Attention of(Params p, JetFormerConfig c) {
        long queries = (long) c.numHeads() * c.headDim();
        long keys = (long) c.numKvHeads() * c.headDim();
        return new Attention(
                Linear.withoutBias(p.at("query"), c.width(), queries, Init.LECUN_NORMAL),
                Linear.withoutBias(p.at("key"), c.width(), keys, Init.LECUN_NORMAL),
                Linear.withoutBias(p.at("value"), c.width(), keys, Init.LECUN_NORMAL),
                Linear.withoutBias(p.at("out"), queries, c.width(), Init.LECUN_NORMAL),
                c.numHeads(),
                c.numKvHeads(),
                c.headDim());
    }

    Tensor forward(Tensor x, Rope rope, Tensor mask, KvCache cache) { // [B, T, D], bool [B, 1, T, S]
        Tensor q = rope.rotate(splitHeads(query.forward(x), numHeads)); // [B, H, T, Dh]
        Tensor k = rope.rotate(splitHeads(key.forward(x), numKvHeads)); // [B, K, T, Dh]
        Tensor v = splitHeads(value.forward(x), numKvHeads); // [B, K, T, Dh]
        KvCache.Seen seen = cache.append(k, v); // [B, K, S, Dh]
        return out.forward(mergeHeads(attend(q, seen.keys(), seen.values(), mask, 1 / Math.sqrt(headDim))));
    }
}
