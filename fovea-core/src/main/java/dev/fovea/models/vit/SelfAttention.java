package dev.fovea.models.vit;

import static dev.fovea.tensor.Ops.attend;
import static dev.fovea.tensor.Ops.mergeHeads;
import static dev.fovea.tensor.Ops.splitHeads;

import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;

/** Multi-head attention of queries from one sequence to keys and values from another, or the same (arXiv 1706.03762). */
public record SelfAttention(Linear query, Linear key, Linear value, Linear out, int numHeads) {

    public static SelfAttention of(Params p, int width, int numHeads) {
        return new SelfAttention(
                Linear.of(p.at("query"), width, width),
                Linear.of(p.at("key"), width, width),
                Linear.of(p.at("value"), width, width),
                Linear.of(p.at("out"), width, width),
                numHeads);
    }

    public Tensor forward(Tensor x) { // [B, N, D]
        return forward(x, x);
    }

    public Tensor forward(Tensor x, Tensor seen) { // [B, N, D], [B, S, D]
        Tensor q = splitHeads(query.forward(x), numHeads); // [B, H, N, D/H]
        Tensor k = splitHeads(key.forward(seen), numHeads); // [B, H, S, D/H]
        Tensor v = splitHeads(value.forward(seen), numHeads); // [B, H, S, D/H]
        return out.forward(mergeHeads(attend(q, k, v))); // [B, N, D]
    }
}
