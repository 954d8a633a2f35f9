package dev.fovea.models.vit;

import static dev.fovea.tensor.Ops.attend;
import static dev.fovea.tensor.Ops.mergeHeads;
import static dev.fovea.tensor.Ops.splitHeads;

import dev.fovea.nn.LayerNorm;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head attention of queries from one sequence to keys and values from another, or the same (arXiv 1706.03762), with
 * or without norms over each head's query and key (arXiv 2302.05442, section 2).
 */
public record SelfAttention(
        Linear query,
        Linear key,
        Linear value,
        Linear out,
        int numHeads,
        @Nullable LayerNorm queryNorm,
        @Nullable LayerNorm keyNorm) {

    /** Without norms. */
    public SelfAttention(Linear query, Linear key, Linear value, Linear out, int numHeads) {
        this(query, key, value, out, numHeads, null, null);
    }

    public static SelfAttention of(Params p, int width, int numHeads) {
        return of(p, width, numHeads, null, null);
    }

    /** With norms that scale and do not shift. */
    public static SelfAttention normed(Params p, int width, int numHeads, double eps) {
        int headDim = width / numHeads;
        return of(
                p,
                width,
                numHeads,
                LayerNorm.withoutBias(p.at("query_norm"), headDim, eps),
                LayerNorm.withoutBias(p.at("key_norm"), headDim, eps));
    }

    private static SelfAttention of(
            Params p, int width, int numHeads, @Nullable LayerNorm queryNorm, @Nullable LayerNorm keyNorm) {
        return new SelfAttention(
                Linear.of(p.at("query"), width, width),
                Linear.of(p.at("key"), width, width),
                Linear.of(p.at("value"), width, width),
                Linear.of(p.at("out"), width, width),
                numHeads,
                queryNorm,
                keyNorm);
    }

    public Tensor forward(Tensor x) { // [B, N, D]
        return forward(x, x);
    }

    public Tensor forward(Tensor x, Tensor seen) { // [B, N, D], [B, S, D]
        Tensor q = splitHeads(query.forward(x), numHeads); // [B, H, N, D/H]
        Tensor k = splitHeads(key.forward(seen), numHeads); // [B, H, S, D/H]
        q = queryNorm == null ? q : queryNorm.forward(q);
        k = keyNorm == null ? k : keyNorm.forward(k);
        Tensor v = splitHeads(value.forward(seen), numHeads); // [B, H, S, D/H]
        return out.forward(mergeHeads(attend(q, k, v))); // [B, N, D]
    }
}
